// A recording or its labels are not what an evaluation needs.

namespace EdgeLstm.Worker.Evaluation.Suites;

/// <summary>A corpus cannot be read; the message names the file, the item, what was found and what was expected.</summary>
internal sealed class CorpusException(string message) : Exception(message);

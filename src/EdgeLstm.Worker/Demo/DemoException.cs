// Something that the demonstration needs is not there.

namespace EdgeLstm.Worker.Demo;

/// <summary>The demonstration cannot be shown; the message says what is missing and what to do.</summary>
internal sealed class DemoException(string message) : Exception(message);

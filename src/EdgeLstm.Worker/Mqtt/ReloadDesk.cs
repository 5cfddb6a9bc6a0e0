// Requests to reload on their way from the I/O thread to the thread that carries them out, and the answers on their way back.

namespace EdgeLstm.Worker.Mqtt;

/// <summary>One request to reload: the whole configuration, or one stream's model.</summary>
/// <param name="Id">Given back in the answer; null for none.</param>
/// <param name="Stream">The stream whose model is put in; null for the whole configuration.</param>
/// <param name="Model">The model's file; with <paramref name="Stream"/> only.</param>
/// <param name="Sha256">The hash that the file must have; null: the configuration names it.</param>
/// <param name="IsAnswered">False for a signal, to which nobody waits for an answer.</param>
public sealed record ReloadRequest(
    string? Id, string? Stream = null, string? Model = null, string? Sha256 = null, bool IsAnswered = true);

/// <summary>What came of it.</summary>
/// <param name="Id">The request's.</param>
/// <param name="Problems">Why nothing was changed, one line each; empty when it was carried out.</param>
/// <param name="Changed">For each stream that was touched what was done: started, ended, rebuilt, model.</param>
/// <param name="Unchanged">Streams that were not touched.</param>
public sealed record ReloadAnswer(
    string? Id, IReadOnlyList<string> Problems, IReadOnlyList<(string Stream, string Done)> Changed, int Unchanged);

/// <summary>Holds 4 requests and 8 answers at most; when full the newest request is refused, the oldest answer dropped.</summary>
public sealed class ReloadDesk
{
    private const int RequestLimit = 4;
    private const int AnswerLimit = 8;

    private readonly object _gate = new();   // no Lock: the taker waits on it
    private readonly Queue<ReloadRequest> _requests = new(RequestLimit);
    private readonly Queue<ReloadAnswer> _answers = new(AnswerLimit);
    private int _answerCount;
    private bool _ended;

    /// <summary>Whether an answer waits. Any thread.</summary>
    public bool HasAnswer => Volatile.Read(ref _answerCount) > 0;

    /// <summary>Hands a request over; false when too many wait. Any thread, never blocks.</summary>
    public bool TryAsk(ReloadRequest request)
    {
        lock (_gate)
        {
            if (_ended || _requests.Count == RequestLimit)
            {
                return false;
            }

            _requests.Enqueue(request);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Waits for a request and takes it; false after <see cref="End"/>. By the thread that carries them out.</summary>
    public bool TryTake(out ReloadRequest request)
    {
        lock (_gate)
        {
            while (!_ended && _requests.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            request = _ended ? new ReloadRequest(null) : _requests.Dequeue();
            return !_ended;
        }
    }

    /// <summary>Hands an answer back.</summary>
    public void Answer(ReloadAnswer answer)
    {
        lock (_gate)
        {
            if (_answers.Count == AnswerLimit)
            {
                _answers.Dequeue();
            }

            _answers.Enqueue(answer);
            Volatile.Write(ref _answerCount, _answers.Count);
        }
    }

    /// <summary>Takes the oldest answer; false when there is none. By the I/O thread.</summary>
    public bool TryTakeAnswer(out ReloadAnswer? answer)
    {
        lock (_gate)
        {
            bool any = _answers.TryDequeue(out answer);
            Volatile.Write(ref _answerCount, _answers.Count);
            return any;
        }
    }

    /// <summary>Ends <see cref="TryTake"/> for good.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }
}

// All that is wrong with one file, each with its path in the file, so that a person mends it in one go.

using System.Globalization;
using System.Text;

namespace EdgeLstm.Worker.Configuration;

/// <summary>Collects problems of one file; printed as <c>edgelstm.json: 2 problems</c> and one indented line for each.</summary>
/// <param name="file">The file as the user named it.</param>
public sealed class ProblemList(string file)
{
    /// <summary>Problems kept at most; a file that is wrong in more places is told so by the count.</summary>
    public const int Limit = 50;

    private readonly List<(string Path, string Message)> _problems = [];
    private int _count;

    /// <summary>The file as the user named it.</summary>
    public string File { get; } = file;

    /// <summary>True when anything was added.</summary>
    public bool Any => _count > 0;

    /// <summary>Number of problems found, kept or not.</summary>
    public int Count => _count;

    /// <summary>The kept problems in the order they were found.</summary>
    public IReadOnlyList<(string Path, string Message)> Problems => _problems;

    /// <summary>Adds one problem.</summary>
    /// <param name="path">Where in the file, such as <c>streams[0].source.port</c>; empty for the whole file.</param>
    /// <param name="message">What was expected, what was found, what to do.</param>
    public void Add(string path, string message)
    {
        _count++;
        if (_problems.Count < Limit)
        {
            _problems.Add((path, message));
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{File}: {_count} problem{(_count == 1 ? "" : "s")}");
        foreach ((string path, string message) in _problems)
        {
            text.Append("\n  ").Append(path.Length == 0 ? message : $"{path}: {message}");
        }

        if (_count > _problems.Count)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  … and {_count - _problems.Count} more");
        }

        return text.ToString();
    }
}

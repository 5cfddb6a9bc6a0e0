// Small corpora written to a temporary folder, and the recorded ones of the shared folder.

namespace EdgeLstm.Worker.Tests.Evaluation.Suites;

/// <summary>A folder that is deleted with the test.</summary>
internal sealed class TemporaryCorpus : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("edgelstm-suite-").FullName;

    public string Write(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A recording of one value a minute from 2020-01-01, by its index.</summary>
    public string WriteMinutes(string name, int rows, Func<int, double> value) => Write(name, "timestamp,value\n" + string.Concat(
        Enumerable.Range(0, rows).Select(i => FormattableString.Invariant(
            $"{DateTime.UnixEpoch.AddDays(18262).AddMinutes(i):yyyy-MM-dd HH:mm:ss},{value(i)}\n"))));

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

/// <summary>The recorded corpora, where they are.</summary>
internal static class SharedCorpus
{
    private static readonly string Shared =
        Environment.GetEnvironmentVariable("EDGELSTM_SHARED") ?? Path.Combine(RepositoryRoot.Path, "..", "shared");

    public static string Find(string name)
    {
        string path = Path.Combine(Shared, "data", name);
        Skip.IfNot(Directory.Exists(path), $"{path} is not there: set EDGELSTM_SHARED to the folder that holds data/");
        return path;
    }
}

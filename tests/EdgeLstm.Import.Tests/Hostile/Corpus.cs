// The files that the fuzzer starts from, by container: the shared fixtures up to 300 kB and the small files of the tests.

using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>A file to damage, and what is said with it.</summary>
/// <param name="File">The file; its path leads to what it names beside it.</param>
/// <param name="Options">Of Keras weights alone: a configuration.</param>
internal sealed record Specimen(SourceFile File, ImportOptions Options);

/// <summary>The files of one container.</summary>
internal sealed class Corpus
{
    /// <summary>Containers by the ends of file names.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Containers = new Dictionary<string, string[]>
    {
        ["hdf5"] = [".h5"],
        ["keras"] = [".keras"],
        ["torch"] = [".pt", ".pth", ".tar", ".pkl"],
        ["safetensors"] = [".safetensors"],
        ["onnx"] = [".onnx"],
        ["tflite"] = [".tflite"],
        ["json"] = [".json", ".nam"],
    };

    private const int MaxBytes = 300_000;
    private const int EvenBytes = 2000;
    private const double SeldomWeight = 0.05;

    private readonly List<Specimen> _specimens;
    private readonly double[] _bounds;

    private Corpus(List<Specimen> specimens)
    {
        _specimens = specimens;
        _bounds = new double[specimens.Count];
        double sum = 0;
        for (int k = 0; k < specimens.Count; k++)
        {
            // Small files come more often: a change there is more likely to matter, and they cost less. Those that are refused
            // undamaged come seldom: their own fault is seen first.
            sum += (IsImported(specimens[k]) ? 1 : SeldomWeight) / (EvenBytes + specimens[k].File.Bytes.Length);
            _bounds[k] = sum;
        }
    }

    /// <summary>All files of it.</summary>
    public IReadOnlyList<Specimen> Specimens => _specimens;

    /// <summary>Collects the files of a container.</summary>
    public static Corpus Of(string container)
    {
        string[] ends = Containers[container];
        List<Specimen> specimens = [];
        foreach (SourceFile file in SmallFiles.All().Where(file => Belongs(file.Path, ends)))
        {
            specimens.Add(new Specimen(file, ImportOptions.None));
        }

        string[] paths = Directory.Exists(Fixture.Folder)
            ? Directory.GetFiles(Fixture.Folder, "*", SearchOption.AllDirectories)
            : [];
        Array.Sort(paths, StringComparer.Ordinal);
        foreach (string path in paths.Where(path => Belongs(path, ends) && new FileInfo(path).Length is > 0 and <= MaxBytes))
        {
            specimens.Add(new Specimen(SourceFile.Open(path), OptionsOf(path)));
        }

        return new Corpus(specimens);
    }

    /// <summary>One of the files.</summary>
    public Specimen Choose(Random random)
    {
        int k = Array.BinarySearch(_bounds, random.NextDouble() * _bounds[^1]);
        return _specimens[Math.Min(k < 0 ? ~k : k, _specimens.Count - 1)];
    }

    private static bool IsImported(Specimen specimen)
    {
        try
        {
            _ = ModelImporter.Read(specimen.File, specimen.Options);
            return true;
        }
        catch (ModelFileException)
        {
            return false;
        }
    }

    private static bool Belongs(string path, string[] ends) =>
        Array.Exists(ends, end => path.EndsWith(end, StringComparison.Ordinal))
        && !path.EndsWith("io.json", StringComparison.Ordinal);

    private static ImportOptions OptionsOf(string path)
    {
        string config = path.Replace("_weights.h5", "_config.json", StringComparison.Ordinal);
        return config != path && File.Exists(config) ? new ImportOptions(ConfigPath: config) : ImportOptions.None;
    }
}

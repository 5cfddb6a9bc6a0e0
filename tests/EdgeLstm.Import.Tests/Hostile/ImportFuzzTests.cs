// Damaged files of every container: each is imported or refused, in bounded memory and time.

using System.Diagnostics;
using System.Globalization;
using EdgeLstm.Core.Models;
using Xunit.Abstractions;

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>
/// A fixed number of cases for every container. EDGELSTM_FUZZ_SEED sets the seed (else it is always the same one),
/// EDGELSTM_FUZZ_CASES the number of cases of all containers together. One million, by hand, in some minutes:
/// <code>
/// EDGELSTM_FUZZ_SEED=$RANDOM EDGELSTM_FUZZ_CASES=1000000 dotnet test tests/EdgeLstm.Import.Tests -c Release \
///     --filter FullyQualifiedName~ImportFuzzTests --logger "console;verbosity=detailed"
/// </code>
/// A case depends on the seed, the container, its number and the files that are there. A failing one is written to the folder of
/// temporary files, and the message names it. Where the process itself dies (a stack overflow), EDGELSTM_FUZZ_KEEP=1 writes every
/// case before it is read: the last one is the culprit.
/// </summary>
public sealed class ImportFuzzTests(ITestOutputHelper output)
{
    private const int DefaultSeed = 5;
    private const int DefaultCases = 20_000;
    private const long FreeBytes = 64 << 20;
    private const int BytesPerByte = 40;

    private static readonly TimeSpan CaseTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    public static TheoryData<string> Containers => [.. Corpus.Containers.Keys];

    [SkippableTheory]
    [MemberData(nameof(Containers))]
    public void A_damaged_file_is_imported_or_refused_in_bounded_memory_and_time(string container)
    {
        int seed = Setting("EDGELSTM_FUZZ_SEED", DefaultSeed);
        int cases = Setting("EDGELSTM_FUZZ_CASES", DefaultCases) / Corpus.Containers.Count;
        var corpus = Corpus.Of(container);
        Skip.If(corpus.Specimens.Count == 0, $"no file of {container}: set EDGELSTM_SHARED to the folder that holds fixtures/");
        output.WriteLine($"EDGELSTM_FUZZ_SEED={seed}, {cases} cases of {corpus.Specimens.Count} files");
        var run = new Run(container, corpus, seed, cases);
        var thread = new Thread(run.ReadAll) { IsBackground = true };
        thread.Start();
        while (!thread.Join(LookEvery))
        {
            Assert.True(run.CaseAge < CaseTime, $"longer than {CaseTime.TotalSeconds} s: {run.Keep()}");
        }

        output.WriteLine($"{run.Imported} imported, {cases - run.Imported} refused, at most {run.MostBytes >> 10} KiB");
        Assert.True(run.Failure is null, run.Failure);
    }

    /// <summary>Without damage, every small file is imported: else the fuzzer would only see the first check.</summary>
    [Fact]
    public void The_small_files_themselves_are_imported()
    {
        foreach (SourceFile file in SmallFiles.All().Where(file => file.Path.StartsWith("small", StringComparison.Ordinal)))
        {
            ImportedModel model = ModelImporter.Read(file, ImportOptions.None);
            Assert.Equal(1, model.InputSize);
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;

    // Runs on a thread of its own, so that the test can see one that does not come back.
    private sealed class Run(string container, Corpus corpus, int seed, int cases)
    {
        private readonly bool _keepsAll = Setting("EDGELSTM_FUZZ_KEEP", 0) != 0;
        private SourceFile _file = new("", []);
        private long _started = Stopwatch.GetTimestamp();
        private int _case;

        public string? Failure { get; private set; }

        public int Imported { get; private set; }

        public long MostBytes { get; private set; }

        public TimeSpan CaseAge => Stopwatch.GetElapsedTime(Volatile.Read(ref _started));

        public void ReadAll()
        {
            try
            {
                for (_case = 0; _case < cases && Failure is null; _case++)
                {
                    ReadOne(new Random(HashCode(seed, _case)));
                }
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                Failure = $"{fault} for {Keep()}";
            }
        }

        public string Keep()
        {
            string name = $"edgelstm-fuzz-{container}-{seed}-{_case}-{Path.GetFileName(_file.Path)}";
            string path = Path.Combine(Path.GetTempPath(), name);
            File.WriteAllBytes(path, _file.Bytes);
            return $"{path}, case {_case} of EDGELSTM_FUZZ_SEED={seed}, made of {_file.Path}";
        }

        private void ReadOne(Random random)
        {
            Specimen specimen = corpus.Choose(random);
            byte[] other = corpus.Choose(random).File.Bytes;
            _file = new SourceFile(specimen.File.Path, new Damage(random, other).Of(specimen.File.Bytes));
            if (_keepsAll)
            {
                Keep();
            }

            Volatile.Write(ref _started, Stopwatch.GetTimestamp());
            long before = GC.GetAllocatedBytesForCurrentThread();
            Imported += Import(specimen.Options) ? 1 : 0;
            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            MostBytes = Math.Max(MostBytes, bytes);
            if (bytes > FreeBytes + ((long)_file.Bytes.Length * BytesPerByte))
            {
                Failure ??= $"{bytes} bytes allocated for {_file.Bytes.Length} bytes of {Keep()}";
            }

            if (CaseAge > CaseTime)
            {
                Failure ??= $"{CaseAge} for {Keep()}";
            }
        }

        private bool Import(ImportOptions options)
        {
            try
            {
                _ = ModelImporter.Read(_file, options);
                return true;
            }
            catch (ModelFileException fault)
            {
                if (!fault.Message.StartsWith(_file.Path, StringComparison.Ordinal)
                    && (options.ConfigPath is null || !fault.Message.StartsWith(options.ConfigPath, StringComparison.Ordinal)))
                {
                    Failure ??= $"a message that does not name the file ({fault.Message}) for {Keep()}";
                }

                return false;
            }
        }

        private int HashCode(int seed, int number)
        {
            // FNV-1a, the same in every process, which string.GetHashCode is not.
            uint hash = 2166136261;
            foreach (char letter in $"{container}/{seed}/{number}")
            {
                hash = (hash ^ letter) * 16777619;
            }

            return (int)hash;
        }
    }
}

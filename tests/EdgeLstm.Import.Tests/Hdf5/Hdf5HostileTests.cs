// Damaged HDF5 files: whatever is asked of them, there is an answer or a refusal, in bounded memory and time.

using System.Diagnostics;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;
using EdgeLstm.Import.Tests.Hostile;

namespace EdgeLstm.Import.Tests.Hdf5;

public sealed class Hdf5HostileTests
{
    private const int Seed = 1;
    private const int Cases = 600;
    private const int MaxObjects = 10_000;

    private static readonly TimeSpan CaseTime = TimeSpan.FromSeconds(5);
    private static readonly string Folder = Path.Combine(Fixture.Root, "tests", "EdgeLstm.Import.Tests", "Hdf5", "data");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.h5").Select(path => Path.GetFileName(path)).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void Everything_in_a_damaged_file_is_read_or_refused(string name)
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, name));
        byte[] other = File.ReadAllBytes(Path.Combine(Folder, "chunks.h5"));
        for (int k = 0; k < Cases; k++)
        {
            byte[] damaged = new Damage(new Random((Seed * Cases) + k), other).Of(bytes);
            long start = Stopwatch.GetTimestamp();
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exception? fault = Record.Exception(() => ReadAll(new SourceFile(name, damaged)));
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(fault is null or ModelFileException, $"seed {Seed}, case {k}: {fault}");

            // 64 MiB for objects and messages; what is charged is 16 MiB and 64 times the file.
            Assert.True(allocated < (64 << 20) + (64L * damaged.Length), $"seed {Seed}, case {k}: {allocated} bytes");
            Assert.True(Stopwatch.GetElapsedTime(start) < CaseTime, $"seed {Seed}, case {k}");
        }
    }

    [Fact]
    public void Cutting_a_file_anywhere_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "texts.h5"));
        for (int length = 0; length < bytes.Length; length += 7)
        {
            Assert.Throws<ModelFileException>(() => Hdf5File.Open(new SourceFile("cut.h5", bytes[..length])));
        }
    }

    // Goes on behind an object that is refused: damage there must not hide the others.
    private static void ReadAll(SourceFile file)
    {
        Stack<Hdf5Group> groups = [];
        groups.Push(Hdf5File.Open(file));
        for (int k = 0; k < MaxObjects && groups.TryPop(out Hdf5Group? group); k++)
        {
            Ask(() => group.Text("variable"));
            Ask(() => group.Texts("variable_array"));
            Ask(() => group.Texts("weight_names"));
            Ask(() => group.Text("fixed"));
            Ask(() => group.Number("number"));
            Ask(() => group.Number("one_of_array"));
            Ask(() => ReadLinks(group, groups));
        }
    }

    private static void ReadLinks(Hdf5Group group, Stack<Hdf5Group> groups)
    {
        foreach (string name in group.Names)
        {
            Ask(() => group.Dataset(name)?.Read());
            Ask(() => group.Dataset(name)?.ReadTexts());
            Ask(() =>
            {
                if (group.Group(name) is { } child)
                {
                    groups.Push(child);
                }
            });
        }
    }

    private static void Ask(Action question)
    {
        try
        {
            question();
        }
        catch (ModelFileException)
        {
            // A refusal is an answer.
        }
    }
}

// Files with bits flipped, cut and spliced: each is imported or refused, nothing else, in bounded memory.

using EdgeLstm.Core.Models;
using EdgeLstm.Import.PyTorch;
using static EdgeLstm.Import.Tests.PyTorch.WrittenTensor;

namespace EdgeLstm.Import.Tests.PyTorch;

public sealed class TorchMutationTests
{
    private const int Seed = 20251;
    private const int CasesOfEach = 1500;
    private const long MaxAllocatedBytes = 64 << 20;

    public static TheoryData<string> Fixtures() =>
    [
        "gen/torch/net_checkpoint.tar", "gen/torch/gru_1.pt", "gen/torch/gru_1.legacy.pth", "gen/torch/net.safetensors",
        "gen/torch/net_noncontiguous.pt", "gen/torch/net_shared_storage.pt", "gen/torch/net_whole_module.REFUSE.pt",
    ];

    [SkippableTheory]
    [MemberData(nameof(Fixtures))]
    public void Mutated_fixtures_are_imported_or_refused(string name) => Mutate(Fixture.Open(name), CasesOfEach / 5);

    [Fact]
    public void Mutated_archives_are_imported_or_refused() => Mutate(TorchFileWriter.Zip(Network), CasesOfEach);

    [Fact]
    public void Mutated_legacy_files_are_imported_or_refused() => Mutate(TorchFileWriter.Legacy(Network), CasesOfEach);

    private static WrittenTensor[] Network =>
    [
        Of("lstm.weight_ih_l0", 8, 3), Of("lstm.weight_hh_l0", 8, 2), Of("bn.running_mean", 2), Of("bn.running_var", 2),
        Of("fc.weight", 2, 2), Of("fc.bias", 2), Of("input_mean", 3), Of("h0", 1, 1, 2),
    ];

    private static void Mutate(SourceFile file, int cases)
    {
        for (int k = 0; k < cases; k++)
        {
            var random = new Random(Seed + k);
            byte[] bytes = Mutated(file.Bytes, random);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                TorchFixtureTests.Import(new SourceFile(Renamed(file.Path, bytes), bytes));
            }
            catch (ModelFileException refusal)
            {
                Assert.StartsWith(file.Path[..4], refusal.Message);
            }
            catch (Exception fault)
            {
                Assert.Fail($"{file.Path}, seed {Seed + k}: {fault}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocatedBytes, $"{file.Path}, seed {Seed + k}: {allocated} bytes");
        }
    }

    // A mutated beginning may be no longer recognised; such a file would go to another reader.
    private static string Renamed(string path, byte[] bytes) =>
        path.EndsWith(".safetensors") || TorchImporter.Recognises(bytes) ? path : Path.ChangeExtension(path, ".safetensors");

    private static byte[] Mutated(byte[] original, Random random)
    {
        byte[] bytes = [.. original];
        int kind = random.Next(4);
        if (kind == 0)
        {
            return bytes[..random.Next(bytes.Length)];
        }

        if (kind == 1)
        {
            int length = random.Next(1, Math.Min(64, bytes.Length));
            bytes.AsSpan(random.Next(bytes.Length - length), length).CopyTo(bytes.AsSpan(random.Next(bytes.Length - length)));
            return bytes;
        }

        for (int flips = random.Next(1, 6); flips > 0; flips--)
        {
            int at = random.Next(bytes.Length);
            bytes[at] = kind == 2 ? (byte)(bytes[at] ^ (1 << random.Next(8))) : (byte)random.Next(256);
        }

        return bytes;
    }
}

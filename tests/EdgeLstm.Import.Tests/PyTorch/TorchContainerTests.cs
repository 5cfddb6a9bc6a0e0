// What surrounds the pickle: zip archives, old containers, JSON, and pickles that are no models.

using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.PyTorch;
using static EdgeLstm.Import.Tests.PyTorch.WrittenTensor;

namespace EdgeLstm.Import.Tests.PyTorch;

public sealed class TorchContainerTests
{
    private static readonly WrittenTensor[] Rnn = [Of("weight_ih_l0", 2, 1), Of("weight_hh_l0", 2, 2)];
    private static readonly byte[] Pickle = new PickleWriter().StateDict(Rnn).Op(PickleOpcode.Stop).Bytes;

    [Fact]
    public void Archives_of_other_programs_are_read_where_they_do_not_compress()
    {
        Assert.Equal(2, TorchImporter.Read(Zipped(CompressionLevel.NoCompression), ImportOptions.None).OutputSize);
        Assert.Contains("is compressed", Refusal(Zipped(CompressionLevel.Optimal)));
    }

    [Fact]
    public void TorchScript_is_refused_by_name()
    {
        byte[] bytes = TorchFileWriter.Archive([("m/data.pkl", Pickle), ("m/constants.pkl", Pickle)]);
        Assert.Contains("TorchScript archive (it holds 'm/constants.pkl')", Refusal(new SourceFile("made.pt", bytes)));

        // Its code is compressed, which is not what is wrong with it.
        SourceFile packed = Zipped(CompressionLevel.NoCompression, ("code/net.py", CompressionLevel.Optimal));
        Assert.Contains("TorchScript archive (it holds 'code/net.py')", Refusal(packed));
    }

    [Fact]
    public void A_storage_that_is_missing_or_of_another_size_is_refused()
    {
        Assert.Contains("no entry 'm/data/0'", Refusal(TorchFileWriter.Zip(Pickle, [])));
        WrittenTensor[] smaller = [Of("", 1), Of("", 4)];
        Assert.Contains(
            "entry 'm/data/0' has 4 bytes; expected 2 numbers of 4 bytes", Refusal(TorchFileWriter.Zip(Pickle, smaller)));
    }

    [Fact]
    public void Names_given_twice_are_refused()
    {
        byte[] bytes = TorchFileWriter.Archive([("m/data.pkl", Pickle), ("m/data.pkl", Pickle)]);
        Assert.Contains("zip entry 'm/data.pkl' twice", Refusal(new SourceFile("made.pt", bytes)));
        Assert.Contains("tensor 'weight_ih_l0' twice", Refusal(TorchFileWriter.Zip(Rnn[0], Rnn[0])));
    }

    [Fact]
    public void Entries_that_share_bytes_are_refused()
    {
        byte[] bytes = TorchFileWriter.Archive([("m/data.pkl", Pickle), ("m/data/0", new byte[4000]), ("m/data/1", new byte[4])]);
        int header = bytes.AsSpan().LastIndexOf("m/data/1"u8) - 46;
        int larger = bytes.AsSpan().LastIndexOf("m/data/0"u8) - 46;
        bytes.AsSpan(larger + 16, 12).CopyTo(bytes.AsSpan(header + 16));
        bytes.AsSpan(larger + 42, 4).CopyTo(bytes.AsSpan(header + 42));
        Assert.Contains("they overlap", Refusal(new SourceFile("made.pt", bytes)));
    }

    [Fact]
    public void A_legacy_file_that_is_cut_short_is_refused()
    {
        byte[] bytes = TorchFileWriter.Legacy(Rnn).Bytes;
        Assert.Contains("cut short or damaged", Refusal(new SourceFile("made.pth", bytes[..^1])));
    }

    [Fact]
    public void A_tar_and_a_bare_pickle_are_refused_with_the_way_out()
    {
        byte[] tar = new byte[512];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Contains("tar archive; torch.save wrote such ones before PyTorch 0.1.10", Refusal(new SourceFile("old.pt", tar)));
        Assert.Contains("bare pickle", Refusal(new SourceFile("w.pkl", Pickle)));
    }

    [Fact]
    public void Scalers_in_a_pickle_are_known_bare_and_compressed()
    {
        byte[] pickle = [0x80, 4, .. "sklearn.preprocessing._data StandardScaler"u8];
        var gzip = new MemoryStream();
        using (var stream = new GZipStream(gzip, CompressionLevel.Fastest, leaveOpen: true))
        {
            stream.Write(pickle);
        }

        foreach (byte[] bytes in new[] { pickle, gzip.ToArray() })
        {
            Assert.True(PickledScaler.Recognises(bytes));
            string message = PickledScaler.Refuse(new SourceFile("s.pkl", bytes)).Message;
            Assert.StartsWith("s.pkl: is a StandardScaler of scikit-learn in a pickle", message);
            Assert.Contains("json.dump", message);
        }

        Assert.False(PickledScaler.Recognises(Pickle));
        Assert.False(PickledScaler.Recognises([0x1f, 0x8b, 1, 2, 3]));
    }

    [Fact]
    public void A_state_dict_in_JSON_is_read_with_or_without_its_key()
    {
        const string Weights =
            """{"weight_ih_l0": [[1], [2]], "weight_hh_l0": [[3, 4], [5, 6]], "bias_ih_l0": [7, 8], "bias_hh_l0": [0, 0]}""";
        foreach (string text in new[] { Weights, $$"""{"epoch": 3, "state_dict": {{Weights}}}""" })
        {
            ImportedModel model = ReadJson(text);
            Assert.Equal([3, 4, 5, 6], model.Layers[0].Values("weight_hh")!);
            Assert.Equal(LayerKind.Rnn, model.Layers[0].Manifest.Kind);
        }
    }

    [Theory]
    [InlineData("""{"weight_ih_l0": [[1, 2], [2]], "weight_hh_l0": [[1, 2], [3, 4]]}""", "'weight_ih_l0' is ragged")]
    [InlineData("""{"weight_ih_l0": [[1, "2"]], "weight_hh_l0": [[1]]}""", "no number, after 1")]
    [InlineData("""{"weight_ih_l0": [], "weight_hh_l0": [[1]]}""", "'weight_ih_l0' is no array of numbers, or an empty one")]
    [InlineData("""{"weight_ih_l0": {"a": 1}, "weight_hh_l0": [[1]], "x.weight_ih": [1]}""", "'weight_ih_l0' is no array")]
    [InlineData("""{"weight_ih_l0": [[1e99]], "weight_hh_l0": [[1]]}""", "Infinity")]
    [InlineData("""{"weight_ih_l0": [[[[[[[[[[1]]]]]]]]]], "weight_hh_l0": [[1]]}""", "or one of its weights is no matrix")]
    public void Broken_JSON_state_dicts_are_refused(string json, string fault) =>
        Assert.Contains(fault, Assert.Throws<ModelFileException>(() => ReadJson(json)).Message);

    [Theory]
    [InlineData("""{"layers": []}""")]
    [InlineData("""{"state_dict": 1}""")]
    [InlineData("[1]")]
    [InlineData("3")]
    public void Other_JSON_is_not_taken_for_a_state_dict(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.False(JsonStateDict.Recognises(document.RootElement));
    }

    private static ImportedModel ReadJson(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.True(JsonStateDict.Recognises(document.RootElement));
        var file = new SourceFile("w.json", Encoding.UTF8.GetBytes(json));
        return JsonStateDict.Read(file, document.RootElement, ImportOptions.None);
    }

    private static SourceFile Zipped(CompressionLevel level, params (string Name, CompressionLevel Level)[] further)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            Write(archive, "data.pkl", Pickle, level);
            Write(archive, "data/0", MemoryMarshal.AsBytes(Rnn[0].Storage.AsSpan()).ToArray(), level);
            Write(archive, "data/1", MemoryMarshal.AsBytes(Rnn[1].Storage.AsSpan()).ToArray(), level);
            Array.ForEach(further, entry => Write(archive, entry.Name, new byte[1000], entry.Level));
        }

        return new SourceFile("made.pt", stream.ToArray());
    }

    private static void Write(ZipArchive archive, string name, byte[] bytes, CompressionLevel level)
    {
        using Stream entry = archive.CreateEntry(name, level).Open();
        entry.Write(bytes);
    }

    private static string Refusal(SourceFile file) =>
        Assert.Throws<ModelFileException>(() => TorchImporter.Read(file, ImportOptions.None)).Message;
}

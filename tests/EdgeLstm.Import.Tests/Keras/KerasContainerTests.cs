// The containers made in memory: zip archives, TensorFlow.js folders; and mutations of configurations and archives.

using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Keras;
using EdgeLstm.Import.Zip;
using static EdgeLstm.Import.Tests.Keras.SmallModel;

namespace EdgeLstm.Import.Tests.Keras;

public sealed class KerasContainerTests
{
    private const int Seed = 20261121;
    private const string Topology = """
        {"class_name": "Sequential", "config": {"name": "s", "layers": [
          {"class_name": "LSTM", "config": {"name": "lstm", "units": 3, "batch_input_shape": [null, 4, 2], "activation": "tanh",
            "recurrent_activation": {"class_name": "function", "config": "hard_sigmoid"}, "return_sequences": true}},
          {"class_name": "Reshape", "config": {"name": "r", "target_shape": [4, 3]}},
          {"class_name": "TimeDistributed", "config": {"name": "dense", "layer":
            {"class_name": "Dense", "config": {"units": 2}}}},
          {"class_name": "Normalization", "config": {"name": "n", "mean": [0.5, 1], "variance": [2, 4], "axis": -1}},
          {"class_name": "ReLU", "config": {"name": "a", "max_value": 6, "negative_slope": 0.0}}]}, "keras_version": "2.15.0"}
        """;

    private const string Functional = """
        {"class_name": "Model", "config": {"layers": [
          {"class_name": "InputLayer", "name": "in", "config": {"batch_shape": [null, 7, 2]}, "inbound_nodes": []},
          {"class_name": "GRU", "name": "gru", "config": {"units": 3, "recurrent_activation": "sigmoid"}, "inbound_nodes":
            [{"args": [{"class_name": "__keras_tensor__", "config": {"keras_history": ["in", 0, 0]}}], "kwargs": {}}]},
          {"class_name": "Dense", "name": "dense", "config": {}, "inbound_nodes": [[["gru", 0, 0, {}]]]}],
          "input_layers": [["in", 0, 0]], "output_layers": ["dense", 0, 0]}}
        """;

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void Entries_of_an_archive_are_read_stored_and_deflated(CompressionLevel level)
    {
        byte[] content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789", 500)));
        byte[] archive = Archive(level, ("config.json", content), ("metadata.json", []));
        Assert.True(KerasZipImporter.Recognises(archive));
        var file = new SourceFile("m.keras", archive);
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(file);
        Assert.Equal(content, ZipContent.Read(file, "config.json", entries["config.json"]));
        Assert.Empty(ZipContent.Read(file, "metadata.json", entries["metadata.json"]));
        Assert.Equal(2, entries.Count);
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void An_entry_that_is_not_what_its_checksum_says_is_refused(CompressionLevel level)
    {
        byte[] archive = Archive(level, ("config.json", Encoding.UTF8.GetBytes(Topology)), ("model.weights.h5", new byte[3000]));
        int at = archive.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        archive.AsSpan(at + 16, 4).Fill(0x55);
        Assert.Contains(
            "entry 'model.weights.h5' does not have the checksum", ReadZip(archive), StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_would_unpack_to_far_more_than_the_archive_is_refused()
    {
        byte[] archive = Archive(CompressionLevel.SmallestSize, ("config.json", new byte[64 * 1024 * 1024]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("would unpack to 67108864 bytes", ReadZip(archive), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024 * 1024);
    }

    [Fact]
    public void An_archive_without_weights_or_with_an_entry_twice_is_refused()
    {
        byte[] config = Encoding.UTF8.GetBytes(Topology);
        Assert.Contains(
            "holds no 'model.weights.h5', but 'config.json'", ReadZip(Archive(CompressionLevel.Fastest, ("config.json", config))),
            StringComparison.Ordinal);
        Assert.Contains(
            "names zip entry 'config.json' twice",
            ReadZip(Archive(CompressionLevel.Fastest, ("config.json", config), ("config.json", config))),
            StringComparison.Ordinal);
        byte[] cut = Archive(CompressionLevel.Fastest, ("config.json", config))[..^30];
        Assert.True(KerasZipImporter.Recognises(cut));
        Assert.Contains("cut short", ReadZip(cut), StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_archives_are_refused_and_nothing_else_happens()
    {
        byte[] archive = Archive(
            CompressionLevel.SmallestSize, ("config.json", Encoding.UTF8.GetBytes(Topology)), ("metadata.json", "{}"u8.ToArray()),
            ("model.weights.h5", new byte[3000]));
        var random = new Random(Seed);
        for (int k = 0; k < 600; k++)
        {
            byte[] broken = [.. archive.AsSpan(0, k % 3 == 0 ? random.Next(archive.Length) : archive.Length)];
            for (int flips = k % 3 == 0 ? 0 : random.Next(1, 5); flips > 0; flips--)
            {
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            }

            AssertOnlyRefusals(k, () => KerasZipImporter.Read(new SourceFile("m.keras", broken), ImportOptions.None));
            KerasZipImporter.Recognises(broken);
        }
    }

    [SkippableTheory]
    [InlineData("gen/family/gru/model.keras2.h5")]
    [InlineData("gen/family/lstm/model.v3.keras")]
    [InlineData("gen/h5/cudnnlstm.h5")]
    [InlineData("models/keras-h5-dl4j/rnn_0.h5")]
    public void Broken_fixtures_are_read_or_refused_and_nothing_else_happens(string name)
    {
        byte[] whole = Fixture.Open(name).Bytes;
        var random = new Random(Seed);
        for (int k = 0; k < 300; k++)
        {
            byte[] broken = [.. whole.AsSpan(0, k % 4 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int flips = broken.Length == 0 ? 0 : random.Next(1, 9); flips > 0; flips--)
            {
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            }

            var file = new SourceFile("broken", broken);
            AssertOnlyRefusals(k, () => Path.GetExtension(name) == ".keras"
                ? KerasZipImporter.Read(file, ImportOptions.None)
                : KerasH5Importer.Read(file, ImportOptions.None));
        }
    }

    [Theory]
    [InlineData(Topology)]
    [InlineData(Functional)]
    public void Configurations_with_another_value_anywhere_are_read_or_refused_and_nothing_else_happens(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        byte[] text = Encoding.UTF8.GetBytes(json);
        string[] values =
        [
            "null", "true", "-1", "0", "2", "1.5", "1e999", "-1e308", "99999999999", "\"x\"", "\"\"", "\"\\ud800\"", "[]",
            "{}", "[[]]",
            "[null]", "[7,7,7]", "{\"class_name\": \"__tuple__\", \"items\": [1]}", "{\"value\": \"a\"}", "{\"config\": {}}",
            "[\"dense\",0,0]",
        ];
        int read = 0;
        foreach ((int from, int to) in Values(text))
        {
            foreach (string value in values)
            {
                string mutated = Encoding.UTF8.GetString(text[..from]) + value + Encoding.UTF8.GetString(text[to..]);
                read += AssertOnlyRefusals(from, () => Read(mutated, version: null)) ? 1 : 0;
            }
        }

        // Values that do not matter, such as the model's name, leave it as it is.
        Assert.InRange(read, 10, int.MaxValue);
    }

    [Fact]
    public void Configurations_with_broken_bytes_are_read_or_refused_and_nothing_else_happens()
    {
        var random = new Random(Seed);
        for (int k = 0; k < 600; k++)
        {
            byte[] broken = Encoding.UTF8.GetBytes(k % 2 == 0 ? Topology : Functional);
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                broken[random.Next(broken.Length)] ^= (byte)(1 << random.Next(8));
            }

            int length = k % 5 == 0 ? random.Next(broken.Length) : broken.Length;
            AssertOnlyRefusals(k, () => KerasLayerMapper.Read(
                SmallModel.File, "HDF5",
                KerasArchitecture.Read(ConfigNode.Parse(SmallModel.File, "it", broken.AsMemory(0, length)), null), Weights()));
        }
    }

    [Fact]
    public void A_TensorFlow_js_model_is_read_from_the_files_beside_it()
    {
        using var folder = new TemporaryFolder();
        string path = WriteTfjs(folder, Manifest("a.bin", "sub/b.bin"));
        ImportedModel model = TfjsImporter.Read(SourceFile.Open(path), ImportOptions.None);
        ImportedModel expected = Read(Topology.Replace("2.15.0", "tfjs-layers 4.0.0", StringComparison.Ordinal), version: null);
        AssertSame(Run(expected), Run(model));
    }

    [Theory]
    [InlineData("\"format\": \"graph-model\", ", "", "is a TensorFlow.js 'graph-model'")]
    [InlineData("", "sub/b.bin|../b.bin", "only files beside or below it are read")]
    [InlineData("", "sub/b.bin|/etc/passwd", "only files beside or below it are read")]
    [InlineData("", "sub/b.bin|c.bin", "which is not beside it")]
    [InlineData("", "\"sub/b.bin\"|\"a.bin\"", "twice")]
    [InlineData("", ", \"sub/b.bin\"|", "weight 'lstm/recurrent_kernel': ends at byte 240, but its files have 201 bytes")]
    [InlineData("", "\"dtype\": \"float32\"|\"dtype\": \"uint8\", \"quantization\": {\"scale\": 1}", "is quantised")]
    [InlineData("", "\"dtype\": \"float32\"|\"dtype\": \"string\"", "has dtype 'string'")]
    [InlineData("", "[2, 12]|[2147483647, 2147483647, 2147483647]", "more values than its files hold")]
    [InlineData("", "[2, 12]|[-1, 12]", "leaves a size open")]
    [InlineData("", "lstm/kernel|other/kernel", "layer 'lstm': has 2 weights")]
    [InlineData("", "[12]|[11]", "'weightsManifest' describes")]
    public void A_TensorFlow_js_model_that_is_broken_is_refused(string head, string change, string reason)
    {
        ArgumentNullException.ThrowIfNull(change);
        using var folder = new TemporaryFolder();
        string manifest = Manifest("a.bin", "sub/b.bin");
        string[] parts = change.Split('|');
        manifest = parts.Length == 2 ? manifest.Replace(parts[0], parts[1], StringComparison.Ordinal) : manifest;
        string path = WriteTfjs(folder, manifest, head);
        var refusal = Assert.Throws<ModelFileException>(() => TfjsImporter.Read(SourceFile.Open(path), ImportOptions.None));
        Assert.StartsWith(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TensorFlow_js_models_are_told_from_other_JSON()
    {
        Assert.True(TfjsImporter.Recognises("""{"format": "layers-model", "x": [1, {"y": 2}], "modelTopology": {}}"""u8));
        Assert.False(TfjsImporter.Recognises("""{"layers": {"modelTopology": 1}}"""u8));
        Assert.False(TfjsImporter.Recognises("[1]"u8));
        Assert.False(TfjsImporter.Recognises("{\"a\": "u8));
        Assert.False(TfjsImporter.Recognises("\u0089HDF"u8));
    }

    private static bool AssertOnlyRefusals(int at, Func<ImportedModel> read)
    {
        try
        {
            read();
            return true;
        }
        catch (ModelFileException)
        {
            return false;
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"seed {Seed}, case {at}: {fault.Message}", fault);
        }
    }

    private static string ReadZip(byte[] archive) => Assert.Throws<ModelFileException>(
        () => KerasZipImporter.Read(new SourceFile("m.keras", archive), ImportOptions.None)).Message;

    private static byte[] Archive(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    // From and to of every value, without names of properties.
    private static List<(int From, int To)> Values(byte[] json)
    {
        var values = new List<(int, int)>();
        var reader = new Utf8JsonReader(json);
        var open = new Stack<int>();
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray or JsonTokenType.StartObject:
                    open.Push((int)reader.TokenStartIndex);
                    break;
                case JsonTokenType.EndArray or JsonTokenType.EndObject:
                    values.Add((open.Pop(), (int)reader.BytesConsumed));
                    break;
                case JsonTokenType.PropertyName:
                    break;
                default:
                    values.Add(((int)reader.TokenStartIndex, (int)reader.BytesConsumed));
                    break;
            }
        }

        return values;
    }

    private static string Manifest(string first, string second) => $$"""
        [{"paths": ["{{first}}", "{{second}}"], "weights": [
          {"name": "lstm/kernel", "shape": [2, 12], "dtype": "float32"},
          {"name": "lstm/recurrent_kernel", "shape": [3, 12], "dtype": "float32"},
          {"name": "lstm/bias", "shape": [12], "dtype": "float32"},
          {"name": "dense/kernel", "shape": [3, 2], "dtype": "float32"},
          {"name": "dense/bias", "shape": [2], "dtype": "float32"}]}]
        """;

    // The weights of SmallModel, cut in two in the middle of a value.
    private static string WriteTfjs(TemporaryFolder folder, string manifest, string head = "")
    {
        var layer = new ConfigNode(SmallModel.File, "layer", default);
        KerasWeights weights = Weights();
        float[] values =
        [
            .. new[] { "lstm", "dense" }.SelectMany(name => weights.Of(new KerasLayer(name, "", layer, "")))
                .SelectMany(weight => weight.Read().Values),
        ];
        byte[] bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
        Directory.CreateDirectory(Path.Combine(folder.Path, "sub"));
        folder.Write("a.bin", bytes[..201]);
        folder.Write("sub/b.bin", bytes[201..]);
        string topology = Topology.Replace("2.15.0", "tfjs-layers 4.0.0", StringComparison.Ordinal);
        string json = $$"""{{{head}}"modelTopology": {{topology}}, "weightsManifest": {{manifest}}}""";
        return folder.Write("model.json", Encoding.UTF8.GetBytes(json));
    }
}

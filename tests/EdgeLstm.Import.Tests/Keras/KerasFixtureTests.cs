// Every Keras and TensorFlow.js fixture: imported and equal to its reference, or refused with the right reason.

using System.Globalization;
using System.Text.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;
using EdgeLstm.Import.Keras;
using EdgeLstm.Import.Zip;

namespace EdgeLstm.Import.Tests.Keras;

public sealed class KerasFixtureTests
{
    private const string Dl4j = "models/keras-h5-dl4j";
    private const string Examples = "models/keras-h5-dl4j-examples";

    private static readonly int[] Forward = [0, 4, 6, 8, 10, 14, 20, 22, 24, 28, 32, 44];
    private static readonly int[] Bidirectional =
        [1, 3, 5, 9, 11, 13, 15, 23, 25, 27, 29, 33, 35, 37, 39, 47];

    private static readonly int[] Repeating = [30, 34, 38, 46];

    public static TheoryData<string, string, string> Imported
    {
        get
        {
            var rows = new TheoryData<string, string, string>
            {
                { "gen/family/gru/model.keras2.h5", "gen/family/gru/io.json", "" },
                { "gen/family/lstm/model.keras2.h5", "gen/family/lstm/io.json", "" },
                { "gen/family/lstm/model.v3.keras", "gen/family/lstm/io.json", "" },
                { "gen/family/lstm/model.v3_old.keras", "gen/family/lstm/io.json", "" },
                { "gen/family/lstm/model.v3_tf213.keras", "gen/family/lstm/io.json", "" },
                { "gen/family/lstm/model.v3_tf213_windows.keras", "gen/family/lstm/io.json", "" },
                { "gen/family/lstm/tfjs/model.json", "gen/family/lstm/io.json", "" },
                { "gen/h5/base.h5", "gen/h5/io.json", "" },
                { "gen/h5/bigendian.h5", "gen/h5/io.json", "" },
                { "gen/h5/chunked_gzip_shuffle.h5", "gen/h5/io.json", "" },
                { "gen/h5/float64.h5", "gen/h5/io.json", "" },
                { "gen/h5/many_attrs.h5", "gen/h5/io.json", "" },
                { "gen/h5/strings_vlen.h5", "gen/h5/io.json", "" },
                { "gen/h5/cudnnlstm.h5", "gen/h5/cudnnlstm.io.json", "time first" },
                { "models/keras-h5/circuitrnn_lstm.h5", "io/circuitrnn_lstm.h5.io.json", "window 8" },
                { "models/keras-h5/ecowatt_lstm.h5", "io/ecowatt_lstm.h5.io.json", "window 100" },
                { "models/keras-h5/turbofan_regression.h5", "io/turbofan_regression.h5.io.json", "window 50" },
                { "models/keras-v3/transformer_energy_lstm.keras", "io/transformer_energy_lstm.keras.io.json", "window 24" },
            };
            foreach (int k in Forward)
            {
                rows.Add($"{Dl4j}/rnn_{k}.h5", $"{Dl4j}/rnn_{k}.h5.io.json", "window 3");
            }

            return rows;
        }
    }

    public static TheoryData<string, string> Refused
    {
        get
        {
            var rows = new TheoryData<string, string>
            {
                { "gen/bad/keras_no_weights.keras", "holds no 'model.weights.h5', but 'metadata.json', 'config.json'" },
                { "gen/bad/h5_btree_loop.h5", "loop" },
                { "gen/bad/h5_gheap_size.h5", "HDF5 object" },
                { "gen/bad/h5_heap_oob.h5", "HDF5" },
                { "gen/bad/h5_is_pickle.h5", "" },
                { "gen/bad/h5_lfs_pointer.h5", "" },
                { "gen/family/lstm/weights_only.weights.h5", "give it with --config FILE" },
                { $"{Examples}/simple_lstm/simple_lstm_tf_keras_1_weights.h5", "give it with --config FILE" },
                { $"{Examples}/simple_rnn/simple_rnn_tf_keras_2_weights.h5", "give it with --config FILE" },
                { $"{Examples}/simple_rnn/simple_rnn_tf_keras_2_inputs_and_outputs.h5", "is an HDF5 file, but not of Keras" },
            };
            foreach (int k in Bidirectional)
            {
                rows.Add($"{Dl4j}/rnn_{k}.h5", "is of class Bidirectional: its backward half needs the future");
            }

            foreach (int k in Repeating)
            {
                rows.Add($"{Dl4j}/rnn_{k}.h5", "is of class RepeatVector: it repeats the result of a whole window");
            }

            return rows;
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Imported))]
    public void A_fixture_is_imported_and_equal_to_its_reference(string name, string reference, string about)
    {
        ArgumentNullException.ThrowIfNull(about);
        ImportedModel model = Read(name);
        JsonElement io = Fixture.Json(reference);
        bool isFamily = io.TryGetProperty("x_TBI", out JsonElement x);
        x = isFamily ? x : io.GetProperty("x");
        bool isExact = io.TryGetProperty("y_float64", out JsonElement exact);
        JsonElement y = isExact ? exact : io.GetProperty(isFamily ? "y_TBO" : "y");
        Conformance.AssertEqual(model, IoArray.Of(x), IoArray.Of(y), isBatchFirst: !isFamily && about != "time first");
        Assert.Equal(SampleAxes.BatchFirst, model.Axes);
        if (about.StartsWith("window", StringComparison.Ordinal))
        {
            Assert.Equal(about, $"window {model.Sequence.WindowSamples}");
            Assert.Equal(y.GetProperty("shape").GetArrayLength() == 3, model.Sequence.AnswersEachSample);
            Assert.False(model.Sequence.IsStateful);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Refused))]
    public void A_fixture_is_refused_with_its_reason(string name, string reason)
    {
        ArgumentNullException.ThrowIfNull(name);
        var refusal = Assert.Throws<ModelFileException>(() => Read(name));
        Assert.Contains(Path.GetFileName(name), refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void No_fixture_of_the_folder_of_variants_is_left_out()
    {
        Fixture.Path($"{Dl4j}/rnn_0.h5");
        int[] found = [.. Directory.GetFiles(Path.Combine(Fixture.Folder, Dl4j), "*.h5")
            .Select(path => int.Parse(Path.GetFileNameWithoutExtension(path)[4..], CultureInfo.InvariantCulture))
            .Order()];
        Assert.Equal([.. Forward.Concat(Bidirectional).Concat(Repeating).Order()], found);
    }

    [SkippableTheory]
    [InlineData("simple_lstm/simple_lstm_tf_keras_1", "lstm_input_1", "Keras 1.2.2, HDF5")]
    [InlineData("simple_rnn/simple_rnn_tf_keras_2", "simple_rnn_1_input", "Keras 2.1.3, HDF5")]
    public void The_examples_equal_their_predictions_as_models_and_as_weights_with_their_configuration(
        string name, string input, string format)
    {
        Hdf5Group reference = Hdf5File.Open(Fixture.Open($"{Examples}/{name}_inputs_and_outputs.h5"));
        IoArray x = Array(reference.Dataset($"inputs/{input}"));
        IoArray y = Array(reference.Dataset("predictions/dense_1"));
        var options = new ImportOptions(Fixture.Path($"{Examples}/{name}_config.json"));
        ImportedModel whole = Read($"{Examples}/{name}_model.h5");
        ImportedModel weights = KerasH5Importer.Read(Fixture.Open($"{Examples}/{name}_weights.h5"), options);
        Conformance.AssertEqual(whole, x, y, isBatchFirst: true);
        Conformance.AssertEqual(weights, x, y, isBatchFirst: true);
        Assert.Equal(format, whole.Format);
        Assert.Equal($"{format} weights", weights.Format);
    }

    [SkippableFact]
    public void Weights_with_a_configuration_that_names_their_layers_equal_the_reference()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("config.json", ConfigOf("gen/family/lstm/model.v3_old.keras"));
        ImportedModel model = KerasH5Importer.Read(
            Fixture.Open("gen/family/lstm/weights_only.weights.h5"), new ImportOptions(config));
        AssertEqualsFamily(model);
        Assert.Equal("Keras 2.15.0, HDF5 weights", model.Format);
    }

    [SkippableTheory]
    [InlineData("gen/family/lstm/model.v3.keras")]
    [InlineData("gen/family/lstm/model.v3_tf213_windows.keras")]
    public void Weights_by_place_need_a_configuration_and_equal_the_reference_with_it(string name)
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("config.json", ConfigOf(name));
        string weights = folder.Write("w.weights.h5", EntryOf(name, "model.weights.h5"));
        Assert.Contains(
            "--config FILE",
            Assert.Throws<ModelFileException>(() => KerasH5Importer.Read(SourceFile.Open(weights), ImportOptions.None)).Message,
            StringComparison.Ordinal);
        ImportedModel model = KerasH5Importer.Read(SourceFile.Open(weights), new ImportOptions(config));
        AssertEqualsFamily(model);
    }

    [SkippableFact]
    public void Weights_with_a_configuration_of_other_names_are_refused_by_the_layer()
    {
        using var folder = new TemporaryFolder();
        string config = folder.Write("config.json", ConfigOf("gen/family/lstm/model.v3.keras"));
        var refusal = Assert.Throws<ModelFileException>(() => KerasH5Importer.Read(
            Fixture.Open("gen/family/lstm/weights_only.weights.h5"), new ImportOptions(config)));
        Assert.Contains("layer 'my_lstm': has no weights", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'dense', 'lstm', 'lstm_1'", refusal.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_TensorFlow_js_model_with_dense_layers_before_its_LSTM_gives_the_values_of_its_equations()
    {
        ImportedModel model = Read("models/tfjs/keras2c_example/model.json");
        double[] x = [.. Enumerable.Range(0, 8 * 32).Select(k => Math.Sin(0.1 * k))];

        // Computed apart in NumPy, float64, from the weights in the folder.
        double[] expected = [-1.77655559, -1.79240596, -1.83763486, -1.90681645, -1.99717278, -2.10691515];
        var network = new Import.Trust.ReferenceNetwork(model.Layers);
        double[] y = [];
        for (int t = 0; t < 8; t++)
        {
            y = network.Step(x[(t * 32)..((t + 1) * 32)]);
        }

        Assert.Equal(30, y.Length);
        for (int k = 0; k < expected.Length; k++)
        {
            Assert.Equal(expected[k], y[k], 1e-6);
        }

        Assert.Equal("TensorFlow.js layers 4.22.0", model.Format);
        Assert.Equal(new SequenceUse(false, 8, false), model.Sequence);
    }

    [SkippableTheory]
    [InlineData("gen/family/lstm/model.keras2.h5", "Keras 2.15.0, HDF5")]
    [InlineData("gen/family/lstm/model.v3.keras", "Keras 3.12.0, .keras")]
    [InlineData("models/keras-h5-dl4j/rnn_0.h5", "Keras 2.2.4-tf, HDF5")]
    public void The_format_names_the_program_and_the_container(string name, string format) =>
        Assert.Equal(format, Read(name).Format);

    [SkippableFact]
    public void A_model_that_is_stateful_says_so()
    {
        Assert.Equal(new SequenceUse(true, null, true), Read("gen/h5/base.h5").Sequence);
    }

    internal static ImportedModel Read(string name)
    {
        SourceFile file = Fixture.Open(name);
        return Path.GetExtension(name) switch
        {
            ".keras" => KerasZipImporter.Read(file, ImportOptions.None),
            ".json" => TfjsImporter.Read(file, ImportOptions.None),
            _ => KerasH5Importer.Read(file, ImportOptions.None),
        };
    }

    private static void AssertEqualsFamily(ImportedModel model)
    {
        JsonElement io = Fixture.Json("gen/family/lstm/io.json");
        Conformance.AssertEqual(
            model, IoArray.Of(io.GetProperty("x_TBI")), IoArray.Of(io.GetProperty("y_TBO")), isBatchFirst: false);
    }

    private static byte[] ConfigOf(string name) => EntryOf(name, "config.json");

    private static byte[] EntryOf(string name, string entry)
    {
        SourceFile file = Fixture.Open(name);
        return ZipContent.Read(file, entry, ZipDirectory.Read(file)[entry]);
    }

    private static IoArray Array(Hdf5Dataset? dataset)
    {
        SourceTensor tensor = dataset!.Read();
        return new IoArray(tensor.Shape, [.. tensor.Values.Select(value => (double)value)]);
    }
}

// Every model file of the shared fixtures, and what becomes of it: imported and held against its reference, or refused with the
// right reason.

using EdgeLstm.Core.Layers;

namespace EdgeLstm.Import.Tests;

/// <summary>What is expected of one file.</summary>
/// <param name="File">Path below fixtures/.</param>
/// <param name="Io">Reference inputs and outputs, below fixtures/; null: none exists, the file must prove itself.</param>
/// <param name="Refused">Words of the refusal; null: the file is imported.</param>
/// <param name="Options">What a person would say on the command line.</param>
internal sealed record FixtureCase(string File, string? Io = null, string? Refused = null, ImportOptions? Options = null)
{
    /// <summary>The same as options of `edgelstm import`.</summary>
    public string CommandLine
    {
        get
        {
            string io = Io is null ? "" : $"`--io {Io}` ";
            return io + string.Concat((Options?.Activations ?? new Dictionary<string, ActivationFunction>()).Select(
                pair => $"`--activation {pair.Key}={pair.Value}`"));
        }
    }
}

/// <summary>Lists the cases from what lies in the folder.</summary>
internal static class FixtureCases
{
    private static readonly string[] Endings =
    [
        ".pt", ".pth", ".tar", ".safetensors", ".h5", ".keras", ".onnx", ".tflite", ".nam", ".pkl", ".gz", "model.json",
        "rtneural.json", "state_dict.json",
    ];

    /// <summary>All model files below fixtures/, in order; those of gen/bad are BadFilesTests' matter.</summary>
    public static IEnumerable<string> Files() => !Directory.Exists(Fixture.Folder)
        ? []
        : Directory.EnumerateFiles(Fixture.Folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Fixture.Folder, path).Replace('\\', '/'))
            .Where(IsModel)
            .Order(StringComparer.Ordinal);

    /// <summary>What is expected of a file.</summary>
    public static FixtureCase Of(string file)
    {
        string folder = file[..file.LastIndexOf('/')];
        string name = file[(folder.Length + 1)..];
        string stem = name.Split('.')[0];
        return folder switch
        {
            "onnx-gen/lstm_bidir" or "onnx-gen/gru_bidir" or "onnx-gen/rnn_bidir" => new(file, Refused: "bidirectional"),
            _ when folder.StartsWith("onnx-gen/", StringComparison.Ordinal)
                && folder.Contains("reverse", StringComparison.Ordinal) =>
                new(file, Refused: "reverse"),
            _ when folder.StartsWith("onnx-gen/", StringComparison.Ordinal) => new(file, $"{folder}/io.json"),
            _ when folder.StartsWith("onnx-node/", StringComparison.Ordinal) => new(file, Refused: "weights"),
            "gen/torch" => Torch(file, name, stem),
            "gen/family/lstm" when name == "weights_only.weights.h5" => new(file, Refused: "--config"),
            "gen/family/lstm/tfjs" => new(file, "gen/family/lstm/io.json"),
            "gen/family/gru" when name == "model.pt" => new(file, $"{folder}/io.json", Options: With("fc", Activation.Tanh)),
            "gen/family/lstm" or "gen/family/gru" => new(file, $"{folder}/io.json"),
            "gen/h5" => new(file, name == "cudnnlstm.h5" ? "gen/h5/cudnnlstm.io.json" : "gen/h5/io.json"),
            _ => Published(file, folder, name),
        };
    }

    private static ImportOptions With(string layer, Activation activation) =>
        new(Activations: new Dictionary<string, ActivationFunction> { [layer] = activation });

    private static FixtureCase Torch(string file, string name, string stem)
    {
        if (name.Contains("REFUSE", StringComparison.Ordinal))
        {
            return new(file, Refused: "state_dict");
        }

        // Its weights are rounded to half precision, the reference is not: it lies 1.1e-4 away.
        if (name == "net_fp16.pt")
        {
            return new(file);
        }

        bool isRelu = stem == "rnn_relu" && !name.EndsWith(".onnx", StringComparison.Ordinal);
        ImportOptions? options = isRelu ? With("rnn", Activation.Relu) : null;
        string io = stem.StartsWith("net", StringComparison.Ordinal) ? "net" : stem;
        return new(file, $"gen/torch/{io}.io.json", Options: options);
    }

    private static FixtureCase Published(string file, string folder, string name)
    {
        string beside = $"{file}.io.json";
        string apart = $"io/{name}.io.json";
        string io = File.Exists(Path.Combine(Fixture.Folder, beside)) ? beside : apart;
        string? known = File.Exists(Path.Combine(Fixture.Folder, io)) ? io : null;
        return (folder, name) switch
        {
            (_, _) when name.EndsWith(".pkl", StringComparison.Ordinal) || name.EndsWith(".gz", StringComparison.Ordinal) =>
                new(file, Refused: "json.dump"),
            ("models/keras-h5-dl4j", _) => Deeplearning4j(file, io),
            (_, _) when name.EndsWith("_inputs_and_outputs.h5", StringComparison.Ordinal) => new(file, Refused: "model_config"),
            (_, _) when name.EndsWith("_weights.h5", StringComparison.Ordinal) => new(file, Refused: "--config"),
            ("models/kerasjs-json", _) => new(file, Refused: "test cases of Keras.js"),
            ("models/onnx", "burn_gru_bidirectional.onnx") => new(file, Refused: "bidirectional"),
            ("models/onnx", "burn_lstm_reverse.onnx") => new(file, Refused: "reverse"),
            _ => new(file, known),
        };
    }

    // Their references say what the network is: Bi[…] runs backward too, RepeatVector needs the whole sequence.
    private static FixtureCase Deeplearning4j(string file, string io)
    {
        string arch = Fixture.Json(io).GetProperty("arch").GetString()!;
        string? refused = arch.Contains("Bi[", StringComparison.Ordinal) ? "idirectional"
            : arch.Contains("RepeatVector", StringComparison.Ordinal) ? "RepeatVector"
            : null;
        return new(file, refused is null ? io : null, refused);
    }

    private static bool IsModel(string file) =>
        !file.StartsWith("gen/bad/", StringComparison.Ordinal)
        && !file.EndsWith(".io.json", StringComparison.Ordinal)
        && (Array.Exists(Endings, ending => file.EndsWith(ending, StringComparison.Ordinal))
            || (file.EndsWith(".json", StringComparison.Ordinal)
                && (file.StartsWith("models/rtneural-json/", StringComparison.Ordinal)
                    || file.StartsWith("models/kerasjs-json/", StringComparison.Ordinal))));
}

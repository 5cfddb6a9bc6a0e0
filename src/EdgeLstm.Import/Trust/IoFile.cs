// Reference inputs and outputs of a trained network as JSON, as programs that test importers write them:
//   {"x": A, "y": A, "h0": A, "c0": A}      x_TBI, x_BTI, y_TBO, y_BTO, out, y_float64, softmax, mask … too;  frames: [A, A, …]
//   {"inputs": {"X": A, "initial_h": A, "sequence_lens": A}, "expected_float64" or "ort": {"Y": A}}
//   {"inputs": [[…], …], "outputs": [[…], …]}                             [time, features] or [batch, time, features]
// where A is {"shape": […], "data": […]} or nested lists.

using System.Text.Json;
using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Assembly;

namespace EdgeLstm.Import.Trust;

/// <summary>What an io.json holds, not yet cut into sequences.</summary>
/// <param name="Path">The file, for messages.</param>
/// <param name="X">The inputs.</param>
/// <param name="IsTimeFirst">Order of x where its key says it; null: nothing says it.</param>
/// <param name="MayBeBatchFirst">The file says that the network was made with <c>batch_first=True</c>.</param>
/// <param name="Outputs">Arrays that may be the outputs, the likeliest first.</param>
/// <param name="Hidden">State h before the first sample; null is zero.</param>
/// <param name="Cell">State c before the first sample.</param>
/// <param name="Lengths">Length of each sequence, where they differ.</param>
internal sealed record IoFile(
    string Path,
    IoTensor X,
    bool? IsTimeFirst,
    bool MayBeBatchFirst,
    IReadOnlyList<IoTensor> Outputs,
    IoTensor? Hidden,
    IoTensor? Cell,
    IoTensor? Lengths)
{
    /// <summary>The largest file that is read: 16 MiB.</summary>
    public const int MaxBytes = 16 << 20;

    private const int MaxDepth = 12;

    private static readonly string[] InputNames = ["x", "x_TBI", "x_BTI", "X", "input", "inputs", "frames"];
    private static readonly string[] HiddenNames = ["h0", "h_0", "initial_h"];
    private static readonly string[] CellNames = ["c0", "c_0", "initial_c"];
    private static readonly string[] Containers = ["outputs", "expected_float64", "expected", "ort"];

    // Outputs of the whole network before those of one layer in it.
    private static readonly string[] OutputNames =
        ["outputs", "y", "y_TBO", "y_BTO", "Y", "y_float64", "out", "output", "expected", "softmax", "mask", "rnn_out",
         "lstm_out"];

    private static readonly string[] StateNames =
        ["h_n", "c_n", "hn", "cn", "Y_h", "Y_c", "h_last", "c_last", "state_last", "tfjs", "shape", "data"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFileException">It cannot be read, or is not of these forms.</exception>
    public static IoFile Open(string path) => Parse(path, SideFile.Open(path, MaxBytes));

    /// <summary>Reads the bytes of such a file.</summary>
    /// <exception cref="ModelFileException">It is not of these forms.</exception>
    public static IoFile Parse(string path, ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBytes)
        {
            throw ModelFileException.In(
                path, $"has {json.Length} bytes; the limit is {MaxBytes}: a few hundred samples are enough");
        }

        try
        {
            ReadOnlyMemory<byte> text = json.Span.StartsWith("\uFEFF"u8) ? json[3..] : json;
            using JsonDocument document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(path, document.RootElement)
                : throw ModelFileException.In(path, "is no JSON object; expected {\"inputs\": [[…]], \"outputs\": [[…]]}");
        }
        catch (Exception found) when (found is JsonException or InvalidOperationException)
        {
            // The second is thrown for texts that are no UTF-8.
            throw ModelFileException.In(path, $"is no JSON: {found.Message}", found);
        }
    }

    private static IoFile Read(string path, JsonElement root)
    {
        bool isNamed = root.TryGetProperty("inputs", out JsonElement named) && named.ValueKind == JsonValueKind.Object
            && !IoTensor.IsArray(named);
        JsonElement inputs = isNamed ? named : root;
        IoTensor x = ReadInput(path, inputs, isNamed);
        return new IoFile(
            path, x, OrderOf(x, isNamed), SaysBatchFirst(root), ReadOutputs(path, root),
            Find(path, inputs, HiddenNames), Find(path, inputs, CellNames), Find(path, inputs, ["sequence_lens"]));
    }

    private static IoTensor ReadInput(string path, JsonElement inputs, bool isNamed)
    {
        if (Find(path, inputs, InputNames) is { } known)
        {
            return known;
        }

        // An ONNX input may have any name: one array that is neither state nor lengths is it.
        JsonProperty[] others = !isNamed ? [] : Array.FindAll([.. inputs.EnumerateObject()], property =>
            IoTensor.IsArray(property.Value) && property.Name != "sequence_lens"
            && !HiddenNames.Contains(property.Name) && !CellNames.Contains(property.Name));
        return others.Length == 1
            ? IoTensor.Read(path, others[0].Name, others[0].Value)
            : throw ModelFileException.In(
                path, $"has no inputs; expected one of {string.Join(", ", InputNames)}, as in "
                + "{\"inputs\": [[…]], \"outputs\": [[…]]}");
    }

    private static bool? OrderOf(IoTensor x, bool isNamed) => x.Name switch
    {
        "x_TBI" => true,
        "x_BTI" => false,
        "inputs" when !isNamed => false,
        _ => null,
    };

    private static bool SaysBatchFirst(JsonElement root) =>
        root.TryGetProperty("ctor", out JsonElement ctor) && ctor.ValueKind == JsonValueKind.Object
        && ctor.TryGetProperty("batch_first", out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static List<IoTensor> ReadOutputs(string path, JsonElement root)
    {
        var found = new List<IoTensor>();
        foreach (string name in OutputNames)
        {
            if (root.TryGetProperty(name, out JsonElement value) && IoTensor.IsArray(value))
            {
                found.Add(IoTensor.Read(path, name, value));
            }
        }

        foreach (string container in Containers)
        {
            if (root.TryGetProperty(container, out JsonElement named) && named.ValueKind == JsonValueKind.Object
                && !IoTensor.IsArray(named))
            {
                foreach (JsonProperty property in named.EnumerateObject())
                {
                    if (IoTensor.IsArray(property.Value) && !StateNames.Contains(property.Name))
                    {
                        found.Add(IoTensor.Read(path, property.Name, property.Value));
                    }
                }
            }
        }

        return found.Count > 0
            ? found
            : throw ModelFileException.In(
                path, $"has no outputs to compare with; expected one of {string.Join(", ", OutputNames)}, "
                + "as in {\"inputs\": [[…]], \"outputs\": [[…]]}");
    }

    private static IoTensor? Find(string path, JsonElement parent, string[] names)
    {
        foreach (string name in names)
        {
            if (parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
            {
                return IoTensor.Read(path, QuotedText.Of(name), value);
            }
        }

        return null;
    }
}

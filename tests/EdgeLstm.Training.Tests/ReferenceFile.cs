// What reference/gradients.py wrote: networks, data, and what PyTorch made of them in float64.

using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeLstm.Training.Tests;

/// <summary>One layer; its tensors as the model file names and orders them.</summary>
internal sealed record ReferenceLayer(string Kind, int Inputs, int Units, Dictionary<string, double[]> Tensors);

/// <summary>One network over one batch [steps, batch, …]: the loss is Value, the gradients those of each layer's tensors. Of a
/// trajectory instead the norm that gradients are clipped to, and what each update made of the weights.</summary>
internal sealed record ReferenceCase(
    string Name, int Steps, int Batch, string Loss, double Parameter, ReferenceLayer[] Layers, float[] Inputs, float[] Targets,
    float[] Weights, double Value, Dictionary<string, double[]>[] Gradients, double Clip, ReferenceUpdate[] Updates);

/// <summary>After one update: the norm of its gradients before clipping, and all weights.</summary>
internal sealed record ReferenceUpdate(double Norm, Dictionary<string, double[]>[] Weights);

internal sealed record ReferenceFile(
    [property: JsonPropertyName("torch")] string Version, ReferenceCase[] Cases, ReferenceCase[] Trajectories)
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNameCaseInsensitive = true };

    public static ReferenceFile Instance { get; } = Read();

    private static ReferenceFile Read()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "EdgeLstm.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        string path = Path.Combine(folder!, "tests", "EdgeLstm.Training.Tests", "reference", "gradients.json");
        return JsonSerializer.Deserialize<ReferenceFile>(File.ReadAllText(path), Options)!;
    }
}

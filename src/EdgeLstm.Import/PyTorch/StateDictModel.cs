// Makes a network of the named tensors of a PyTorch model, whatever container they come from: modules in order → layers.

using EdgeLstm.Core.Json;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.PyTorch;

/// <summary>A state_dict: names and tensors, but nothing of what is computed between them.</summary>
/// <remarks>
/// What a state_dict cannot say: activations, the epsilon of norms, which axis is time, and dropout (which is nothing at run
/// time). Everything assumed stands in the warnings with the option that changes it; where a wrong assumption is likely, the file
/// is refused.
/// </remarks>
/// <param name="Format">The container, for a person.</param>
/// <param name="Tensors">All tensors.</param>
/// <param name="IsInOrder">Whether the file keeps the order in which the modules were made.</param>
/// <param name="Scaling">Scaling that the container carries; it goes before buffers.</param>
/// <param name="Warnings">What the container's reader noticed.</param>
internal sealed record StateDictModel(
    string Format,
    IReadOnlyList<StateTensor> Tensors,
    bool IsInOrder,
    ChannelScaling? Scaling,
    List<string> Warnings)
{
    private const int MaxTensors = 10_000;
    private const int MaxNameLength = 512;

    /// <summary>Refuses more tensors than the limit of 10 000; asked before anything is made for each of them.</summary>
    public static void RequireFew(SourceFile file, int count)
    {
        if (count > MaxTensors)
        {
            throw file.Refuse($"has more than {MaxTensors} tensors, the limit");
        }
    }

    /// <summary>The network.</summary>
    /// <exception cref="ModelFileException">A tensor is left over or missing, or the network cannot run on a stream.</exception>
    public ImportedModel Build(SourceFile file, ImportOptions options)
    {
        RequireFew(file, Tensors.Count);
        RequireShortNames(file);
        List<StateTensor> tensors = StateModule.Unwrap(Tensors);
        List<StateTensor> buffers = [.. tensors.Where(tensor => BufferScaling.IsName(tensor.Name))];
        List<StateTensor> states = [.. tensors.Where(tensor => InitialStates.IsName(tensor.Name))];
        List<StateModule> modules = StateModule.Group(
            file, [.. StateModule.Unwrap([.. tensors.Except(buffers).Except(states).Where(IsWeight)])]);
        foreach (StateModule module in modules)
        {
            ModuleRules.Classify(file, module);
        }

        IReadOnlyList<StateModule> inOrder = Order(file, modules);
        var layers = new ModuleLayers(file, options, InitialStates.Assign(file, states, modules), Warnings);
        IReadOnlyList<ImportedLayer> built = layers.Build(inOrder);
        return new ImportedModel(
            Format, built, new SequenceUse(), SampleAxes.TimeFirstOrSingleBatch,
            Scaling ?? BufferScaling.Read(file, buffers, built[0].Manifest.InputSize, built[^1].Manifest.OutputSize), Warnings);
    }

    private void RequireShortNames(SourceFile file)
    {
        if (Tensors.FirstOrDefault(tensor => tensor.Name.Length > MaxNameLength) is { } tensor)
        {
            throw file.Refuse($"tensor '{QuotedText.Of(tensor.Name)}' has a name of {tensor.Name.Length} characters; "
                + $"the limit is {MaxNameLength}");
        }
    }

    // Whole numbers are counters and tables of indices; no layer computes with them.
    private bool IsWeight(StateTensor tensor)
    {
        if (!tensor.IsReal && !tensor.Name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
        {
            Warnings.Add($"Tensor '{QuotedText.Of(tensor.Name)}' {tensor.ShapeText} holds whole numbers and was left out.");
        }

        return tensor.IsReal;
    }

    private IReadOnlyList<StateModule> Order(SourceFile file, List<StateModule> modules)
    {
        if (IsInOrder && LayerOrder.IsChain(modules))
        {
            return modules;
        }

        IReadOnlyList<StateModule> order = LayerOrder.Decide(file, modules, Warnings);
        if (IsInOrder)
        {
            Warnings.Add("The layers do not chain in the order of the file; the order in which their sizes chain was taken.");
        }

        return order;
    }
}

// The loss of all outputs over a chunk, and its gradient:  L = Σ weight · loss(y − target) / total weight.

using System.Numerics;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Losses;

/// <summary>Each output with its own loss; targets that are missing or not to be learned from have weight 0.</summary>
internal sealed unsafe class LossFunction<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly IReadOnlyList<OutputLoss> _outputs;

    /// <param name="outputs">One per output of the network.</param>
    public LossFunction(IReadOnlyList<OutputLoss> outputs)
    {
        _outputs = outputs;
        foreach (OutputLoss output in outputs)
        {
            if (output.FindProblem() is { } problem)
            {
                throw new ArgumentException(problem, nameof(outputs));
            }

            Targets = Math.Max(Targets, output.Target + 1);
        }
    }

    /// <summary>Number of targets of a step.</summary>
    public int Targets { get; }

    /// <summary>How much an output counts for each 1 of its target's weight, over all outputs of the target.</summary>
    public double WeightOf(int target)
    {
        double sum = 0;
        foreach (OutputLoss output in _outputs)
        {
            sum += output.Target == target ? output.Weight : 0;
        }

        return sum;
    }

    /// <summary>Writes ∂L/∂y and returns the sum of the weighted losses, not yet divided.</summary>
    /// <param name="y">Outputs [steps, outputs, lanes].</param>
    /// <param name="targets">[steps, targets, lanes]</param>
    /// <param name="weights">[steps, targets, lanes]</param>
    /// <param name="gradient">Receives [steps, outputs, lanes]; null where only the loss is asked for.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="scale">1 / total weight of the batch.</param>
    public double Differentiate(T* y, T* targets, T* weights, T* gradient, int steps, double scale)
    {
        double sum = 0;
        for (int t = 0; t < steps; t++)
        {
            for (int k = 0; k < _outputs.Count; k++)
            {
                int output = ((t * _outputs.Count) + k) * Lanes.Count;
                int target = ((t * Targets) + _outputs[k].Target) * Lanes.Count;
                sum += Differentiate(_outputs[k], y + output, targets + target, weights + target,
                    gradient is null ? null : gradient + output, scale);
            }
        }

        return sum;
    }

    private static double Differentiate(OutputLoss output, T* y, T* target, T* weight, T* gradient, double scale)
    {
        Vector<T> sum = Vector<T>.Zero;
        Vector<T> counts = new(T.CreateTruncating(output.Weight));
        Vector<T> factor = new(T.CreateTruncating(scale));
        Vector<T> parameter = new(T.CreateTruncating(output.Parameter));
        for (int at = 0; at < Lanes.Count; at += Vector<T>.Count)
        {
            Vector<T> w = Vector.Load(weight + at) * counts;
            Vector<T> e = Vector.Load(y + at) - Vector.Load(target + at);
            (Vector<T> loss, Vector<T> slope) = Of(output.Kind, parameter, e);
            sum += w * loss;
            if (gradient is not null)
            {
                (w * slope * factor).Store(gradient + at);
            }
        }

        return double.CreateTruncating(Vector.Sum(sum));
    }

    private static (Vector<T> Loss, Vector<T> Slope) Of(LossKind kind, Vector<T> parameter, Vector<T> e)
    {
        Vector<T> zero = Vector<T>.Zero, one = Vector<T>.One;
        Vector<T> sign = Vector.ConditionalSelect(Vector.GreaterThan(e, zero), one,
            Vector.ConditionalSelect(Vector.LessThan(e, zero), -one, zero));
        switch (kind)
        {
            case LossKind.Absolute:
                return (Vector.Abs(e), sign);
            case LossKind.Huber:
                Vector<T> half = one / (one + one);
                Vector<T> clipped = Vector.Min(parameter, Vector.Max(-parameter, e));
                return (clipped * (e - (half * clipped)), clipped);
            case LossKind.Pinball:
                Vector<T> slope = Vector.ConditionalSelect(
                    Vector.GreaterThan(e, zero), one - parameter,
                    Vector.ConditionalSelect(Vector.LessThan(e, zero), -parameter, zero));
                return (e * slope, slope);
            default:
                return (e * e, e + e);
        }
    }
}

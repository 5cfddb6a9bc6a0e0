// One update of all parameters:  clip → weight decay → moments → step.
//
//   Adam   m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  w ← w − η·λ·w − η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε)
//   SGD    m ← μm + g,  w ← w − η·λ·w − η·m

using System.Numerics;
using EdgeLstm.Training.Layers;

namespace EdgeLstm.Training.Optimisation;

/// <summary>Keeps the moments of the gradients. Allocates nothing after construction.</summary>
internal sealed class Optimiser<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // That of torch.nn.utils.clip_grad_norm_: training goes the same way there and here.
    private const double ClipMargin = 1e-6;

    private readonly TrainingNetwork<T> _network;
    private readonly OptimiserSettings _settings;
    private readonly T[] _mean;
    private readonly T[] _square;
    private long _updates;

    /// <param name="network">Whose parameters are updated.</param>
    /// <param name="settings">How.</param>
    public Optimiser(TrainingNetwork<T> network, OptimiserSettings settings)
    {
        _network = network;
        _settings = settings;
        _mean = new T[network.Parameters.Length];
        _square = new T[settings.Kind == OptimiserKind.Adam ? _mean.Length : 0];
    }

    /// <summary>Updates done.</summary>
    public long Updates => _updates;

    /// <summary>Makes one update. A gradient that is not finite changes nothing.</summary>
    /// <param name="gradients">∂loss/∂parameters; clipped in place.</param>
    /// <param name="learningRate">η.</param>
    /// <returns>The norm of all gradients before clipping.</returns>
    public double Update(Span<T> gradients, double learningRate)
    {
        double norm = Norm(gradients);
        if (!double.IsFinite(norm))
        {
            return norm;
        }

        T clip = T.CreateTruncating(Math.Min(1, _settings.ClipNorm / (norm + ClipMargin)));
        _updates++;
        T rate = T.CreateTruncating(learningRate);
        Decay(rate * T.CreateTruncating(_settings.WeightDecay));
        if (_settings.Kind == OptimiserKind.Adam)
        {
            StepAdam(gradients, clip, rate);
        }
        else
        {
            StepSgd(gradients, clip, rate);
        }

        return norm;
    }

    // In double: a sum of many small squares.
    private static double Norm(ReadOnlySpan<T> gradients)
    {
        (double even, double odd) = (0, 0);
        int at = 0;
        for (; at + 2 <= gradients.Length; at += 2)
        {
            (double first, double second) = (double.CreateTruncating(gradients[at]), double.CreateTruncating(gradients[at + 1]));
            even += first * first;
            odd += second * second;
        }

        double last = at < gradients.Length ? double.CreateTruncating(gradients[at]) : 0;
        return Math.Sqrt(even + odd + (last * last));
    }

    private void StepAdam(ReadOnlySpan<T> gradients, T clip, T rate)
    {
        T beta1 = T.CreateTruncating(_settings.Beta1), beta2 = T.CreateTruncating(_settings.Beta2);
        T epsilon = T.CreateTruncating(_settings.Epsilon);
        T meanScale = T.CreateTruncating(1 / (1 - Math.Pow(_settings.Beta1, _updates)));
        T squareScale = T.CreateTruncating(1 / (1 - Math.Pow(_settings.Beta2, _updates)));
        Span<T> parameters = _network.Parameters;
        int at = 0;
        Vector<T> one = Vector<T>.One;
        Vector<T> b1 = new(beta1), b2 = new(beta2), scale1 = new(meanScale), scale2 = new(squareScale);
        for (; at + Vector<T>.Count <= parameters.Length; at += Vector<T>.Count)
        {
            Vector<T> g = new Vector<T>(gradients[at..]) * new Vector<T>(clip);
            Vector<T> mean = (b1 * new Vector<T>(_mean, at)) + ((one - b1) * g);
            Vector<T> square = (b2 * new Vector<T>(_square, at)) + ((one - b2) * g * g);
            mean.CopyTo(_mean, at);
            square.CopyTo(_square, at);
            Vector<T> step = mean * scale1 / (Vector.SquareRoot(square * scale2) + new Vector<T>(epsilon));
            (new Vector<T>(parameters[at..]) - (new Vector<T>(rate) * step)).CopyTo(parameters[at..]);
        }

        for (; at < parameters.Length; at++)
        {
            T g = gradients[at] * clip;
            _mean[at] = (beta1 * _mean[at]) + ((T.One - beta1) * g);
            _square[at] = (beta2 * _square[at]) + ((T.One - beta2) * g * g);
            parameters[at] -= rate * (_mean[at] * meanScale / (T.Sqrt(_square[at] * squareScale) + epsilon));
        }
    }

    private void StepSgd(ReadOnlySpan<T> gradients, T clip, T rate)
    {
        T momentum = T.CreateTruncating(_settings.Momentum);
        Span<T> parameters = _network.Parameters;
        for (int i = 0; i < parameters.Length; i++)
        {
            _mean[i] = (momentum * _mean[i]) + (gradients[i] * clip);
            parameters[i] -= rate * _mean[i];
        }
    }

    private void Decay(T share)
    {
        if (share == T.Zero)
        {
            return;
        }

        for (int layer = 0; layer < _network.Layers.Count; layer++)
        {
            IReadOnlyList<ParameterBlock> blocks = _network.Layers[layer].Blocks;
            for (int k = 0; k < blocks.Count; k++)   // an enumerator would be allocated
            {
                ParameterBlock block = blocks[k];
                if (!block.IsDecayed)
                {
                    continue;
                }

                foreach (ref T weight in _network.Block(layer, block))
                {
                    weight -= share * weight;
                }
            }
        }
    }
}

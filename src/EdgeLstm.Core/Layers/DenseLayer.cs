// Dense layer; the weighted sums and activations are DenseKernel.

using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Core.Layers;

/// <summary>Creates dense layers.</summary>
public static class DenseLayer
{
    /// <summary>A layer without state: y = activation(W·x + b).</summary>
    /// <exception cref="ArgumentException">A size, an array or the activation does not fit, or the width is missing.</exception>
    public static Layer Create(DenseWeights weights, VectorWidth width)
    {
        ArgumentNullException.ThrowIfNull(weights);
        weights.Validate();
        return width switch
        {
            VectorWidth.Bits128 => new DenseLayer<Simd128>(weights),
            VectorWidth.Bits256 when VectorWidths.IsSupported(width) => new DenseLayer<Simd256>(weights),
            VectorWidth.Bits512 when VectorWidths.IsSupported(width) => new DenseLayer<Simd512>(weights),
            _ => throw VectorWidths.Unsupported(width),
        };
    }
}

/// <summary>A dense layer of one vector width.</summary>
internal sealed class DenseLayer<TVector> : Layer
    where TVector : struct, ISimdVector<TVector>
{
    private readonly ColumnLayout _columns;
    private readonly Panels _panels;
    private readonly AlignedBuffer _input;
    private readonly AlignedBuffer _output;
    private readonly Activation _activation;

    public DenseLayer(DenseWeights weights)
        : base(weights.Name, weights.InputSize, weights.OutputSize, 0, weights.Weights.LongLength + weights.Bias.Length)
    {
        _activation = weights.Activation;
        _columns = ColumnLayout.Joint(weights.InputSize, 0, WeightedSum.Unroll, TVector.Lanes);
        _panels = new Panels(_columns, TVector.Lanes, weights.OutputSize, weights.Bias, weights.Weights, []);
        _input = new AlignedBuffer(_columns.Length);
        _output = new AlignedBuffer(_panels.GroupCount * TVector.Lanes);
    }

    /// <inheritdoc/>
    public override long WeightBytes => _panels.Bytes;

    private protected override void Advance(ReadOnlySpan<float> x, Span<float> y)
    {
        x.CopyTo(_input.Span[_columns.InputStart..]);
        DenseKernel.Step<TVector>(_panels, ref _input.At(_columns.First), (nuint)_columns.Columns, ref _output.At(0));
        Activate();
        _output.Span[..OutputSize].CopyTo(y);
    }

    private void Activate()
    {
        ref float y = ref _output.At(0);
        nuint count = (nuint)_output.Length;
        switch (_activation)
        {
            case Activation.Relu:
                DenseKernel.Relu<TVector>(ref y, count);
                break;
            case Activation.Tanh:
                DenseKernel.Tanh<TVector>(ref y, count);
                break;
            case Activation.Sigmoid:
                DenseKernel.Sigmoid<TVector>(ref y, count);
                break;
            case Activation.Softmax:
                DenseKernel.Softmax<TVector>(_output.Span, OutputSize);
                break;
            case Activation.Linear:
            default:
                break;
        }
    }
}

// The kernels for 128-bit vectors as functions of C: void NAME_PRECISION(StepArguments *).

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Kernels.Int8;
using BFloat16 = EdgeLstm.Core.Kernels.BFloat16Weights<
    EdgeLstm.Core.Kernels.Simd128, System.Runtime.Intrinsics.Vector128<float>>;
using Float32 = EdgeLstm.Core.Kernels.Float32Weights<
    EdgeLstm.Core.Kernels.Simd128, System.Runtime.Intrinsics.Vector128<float>>;

namespace EdgeLstm.Arm64;

/// <summary>One step of one layer, as the layers of EdgeLstm.Core call the kernels.</summary>
internal static unsafe class EntryPoints
{
    [UnmanagedCallersOnly(EntryPoint = "lstm_float32")]
    public static void Lstm(StepArguments* a) => Lstm<Float32>(a, hasPeepholes: false);

    [UnmanagedCallersOnly(EntryPoint = "lstm_bfloat16")]
    public static void LstmBFloat16(StepArguments* a) => Lstm<BFloat16>(a, hasPeepholes: false);

    [UnmanagedCallersOnly(EntryPoint = "lstm_peepholes_float32")]
    public static void LstmPeepholes(StepArguments* a) => Lstm<Float32>(a, hasPeepholes: true);

    [UnmanagedCallersOnly(EntryPoint = "lstm_peepholes_bfloat16")]
    public static void LstmPeepholesBFloat16(StepArguments* a) => Lstm<BFloat16>(a, hasPeepholes: true);

    [UnmanagedCallersOnly(EntryPoint = "gru_after_float32")]
    public static void GruAfter(StepArguments* a) => GruAfter<Float32>(a);

    [UnmanagedCallersOnly(EntryPoint = "gru_after_bfloat16")]
    public static void GruAfterBFloat16(StepArguments* a) => GruAfter<BFloat16>(a);

    [UnmanagedCallersOnly(EntryPoint = "gru_before_float32")]
    public static void GruBefore(StepArguments* a) => GruBefore<Float32>(a);

    [UnmanagedCallersOnly(EntryPoint = "gru_before_bfloat16")]
    public static void GruBeforeBFloat16(StepArguments* a) => GruBefore<BFloat16>(a);

    [UnmanagedCallersOnly(EntryPoint = "rnn_tanh_float32")]
    public static void RnnTanh(StepArguments* a) => Rnn<Float32>(a, isRelu: false);

    [UnmanagedCallersOnly(EntryPoint = "rnn_tanh_bfloat16")]
    public static void RnnTanhBFloat16(StepArguments* a) => Rnn<BFloat16>(a, isRelu: false);

    [UnmanagedCallersOnly(EntryPoint = "rnn_relu_float32")]
    public static void RnnRelu(StepArguments* a) => Rnn<Float32>(a, isRelu: true);

    [UnmanagedCallersOnly(EntryPoint = "rnn_relu_bfloat16")]
    public static void RnnReluBFloat16(StepArguments* a) => Rnn<BFloat16>(a, isRelu: true);

    [UnmanagedCallersOnly(EntryPoint = "lstm_int8")]
    public static void LstmInt8(StepArguments* a) => LstmInt8(a, hasPeepholes: false);

    [UnmanagedCallersOnly(EntryPoint = "lstm_peepholes_int8")]
    public static void LstmPeepholesInt8(StepArguments* a) => LstmInt8(a, hasPeepholes: true);

    [UnmanagedCallersOnly(EntryPoint = "rnn_tanh_int8")]
    public static void RnnTanhInt8(StepArguments* a) => RnnInt8(a, isRelu: false);

    [UnmanagedCallersOnly(EntryPoint = "rnn_relu_int8")]
    public static void RnnReluInt8(StepArguments* a) => RnnInt8(a, isRelu: true);

    // The layers choose by the processor, and so does this.
    [UnmanagedCallersOnly(EntryPoint = "gru_after_int8")]
    public static void GruAfterInt8(StepArguments* a)
    {
        if (Dp.IsSupported)
        {
            GruAfterInt8<Int8DotSdot, Vector128<sbyte>, Vector128<sbyte>, Int8SumsSdot>(a);
        }
        else
        {
            GruAfterInt8<Int8DotNeon, Vector128<short>, Vector128<sbyte>, Int8SumsNeon>(a);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "gru_before_int8")]
    public static void GruBeforeInt8(StepArguments* a)
    {
        if (Dp.IsSupported)
        {
            GruBeforeInt8<Int8DotSdot, Vector128<sbyte>, Vector128<sbyte>, Int8SumsSdot>(a);
        }
        else
        {
            GruBeforeInt8<Int8DotNeon, Vector128<short>, Vector128<sbyte>, Int8SumsNeon>(a);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dense_linear_float32")]
    public static void DenseLinear(StepArguments* a) => Dense(a);

    [UnmanagedCallersOnly(EntryPoint = "dense_relu_float32")]
    public static void DenseRelu(StepArguments* a) => DenseKernel.Relu<Simd128, Vector128<float>>(Dense(a), Units(a));

    [UnmanagedCallersOnly(EntryPoint = "dense_tanh_float32")]
    public static void DenseTanh(StepArguments* a) => DenseKernel.Tanh<Simd128, Vector128<float>>(Dense(a), Units(a));

    [UnmanagedCallersOnly(EntryPoint = "dense_sigmoid_float32")]
    public static void DenseSigmoid(StepArguments* a) => DenseKernel.Sigmoid<Simd128, Vector128<float>>(Dense(a), Units(a));

    [UnmanagedCallersOnly(EntryPoint = "dense_softmax_float32")]
    public static void DenseSoftmax(StepArguments* a) =>
        DenseKernel.Softmax<Simd128, Vector128<float>>(Dense(a), (int)a->OutputSize);

    private static void Lstm<TWeights>(StepArguments* a, bool hasPeepholes)
        where TWeights : struct, IWeightFormat<Vector128<float>>
    {
        float* columns = a->Current + a->First;
        float* next = a->Next + a->HiddenStart;
        nint count = a->InputColumns + a->HiddenColumns;
        if (a->Streams == 1)
        {
            // As the layers do where the weights exceed a cache: every second step backward.
            if (a->Current > a->Next)
            {
                LstmKernel.Step<Simd128, Vector128<float>, TWeights, BackwardOrder>(
                    a->Weights, a->Groups, columns, count, a->Cell, next, y: null, hasPeepholes);
            }
            else
            {
                LstmKernel.Step<Simd128, Vector128<float>, TWeights, ForwardOrder>(
                    a->Weights, a->Groups, columns, count, a->Cell, next, y: null, hasPeepholes);
            }

            return;
        }

        for (Tile t = new(a); t.IsInside; t.Advance())
        {
            LstmKernel.StepTile<Simd128, Vector128<float>, TWeights>(
                a->Weights + (t.Group * a->PanelLength),
                columns + t.Start,
                a->Stride,
                count,
                a->Cell + t.Start + t.Unit,
                a->Stride,
                next + t.Start + t.Unit,
                hasPeepholes);
        }
    }

    private static void GruAfter<TWeights>(StepArguments* a)
        where TWeights : struct, IWeightFormat<Vector128<float>>
    {
        float* columns = a->Current + a->First;
        float* h = a->Current + a->HiddenStart;
        float* next = a->Next + a->HiddenStart;
        if (a->Streams == 1)
        {
            // As the layers do where the weights exceed a cache: every second step backward.
            if (a->Current > a->Next)
            {
                GruResetAfterKernel.Step<Simd128, Vector128<float>, TWeights, BackwardOrder>(
                    a->Weights, a->Groups, columns, a->InputColumns, a->HiddenColumns, h, next, y: null);
            }
            else
            {
                GruResetAfterKernel.Step<Simd128, Vector128<float>, TWeights, ForwardOrder>(
                    a->Weights, a->Groups, columns, a->InputColumns, a->HiddenColumns, h, next, y: null);
            }

            return;
        }

        for (Tile t = new(a); t.IsInside; t.Advance())
        {
            nint unit = t.Start + t.Unit;
            float* panel = a->Weights + (t.Group * a->PanelLength);
            GruResetAfterKernel.StepTile<Simd128, Vector128<float>, TWeights>(
                panel, columns + t.Start, a->Stride, a->InputColumns, a->HiddenColumns, h + unit, next + unit);
        }
    }

    private static void GruBefore<TWeights>(StepArguments* a)
        where TWeights : struct, IWeightFormat<Vector128<float>>
    {
        nint count = a->InputColumns + a->HiddenColumns;
        float* columns = a->Current + a->First;
        float* resetColumns = a->Reset + a->First;
        float* h = a->Current + a->HiddenStart;
        float* reset = a->Reset + a->HiddenStart;
        float* next = a->Next + a->HiddenStart;
        if (a->Streams == 1)
        {
            GruResetBeforeKernel.StepGates<Simd128, Vector128<float>, TWeights>(
                a->Weights, a->Groups, columns, count, h, reset, next);
            GruResetBeforeKernel.StepState<Simd128, Vector128<float>, TWeights>(
                a->SecondWeights, a->Groups, resetColumns, count, h, next, y: null);
            return;
        }

        for (Tile t = new(a); t.IsInside; t.Advance())
        {
            nint unit = t.Start + t.Unit;
            float* panel = a->Weights + (t.Group * a->PanelLength);
            GruResetBeforeKernel.StepGatesTile<Simd128, Vector128<float>, TWeights>(
                panel, columns + t.Start, a->Stride, count, h + unit, reset + unit, next + unit);
        }

        for (Tile t = new(a); t.IsInside; t.Advance())
        {
            nint unit = t.Start + t.Unit;
            float* panel = a->SecondWeights + (t.Group * a->SecondPanelLength);
            GruResetBeforeKernel.StepStateTile<Simd128, Vector128<float>, TWeights>(
                panel, resetColumns + t.Start, a->Stride, count, h + unit, next + unit);
        }
    }

    private static void Rnn<TWeights>(StepArguments* a, bool isRelu)
        where TWeights : struct, IWeightFormat<Vector128<float>>
    {
        nint count = a->InputColumns + a->HiddenColumns;
        float* columns = a->Current + a->First;
        float* next = a->Next + a->HiddenStart;
        if (a->Streams == 1)
        {
            RnnKernel.Step<Simd128, Vector128<float>, TWeights>(
                a->Weights, a->Groups, columns, count, next, y: null, isRelu);
            return;
        }

        for (Tile t = new(a); t.IsInside; t.Advance())
        {
            float* panel = a->Weights + (t.Group * a->PanelLength);
            RnnKernel.StepTile<Simd128, Vector128<float>, TWeights>(
                panel, columns + t.Start, a->Stride, count, next + t.Start + t.Unit, isRelu);
        }
    }

    private static void LstmInt8(StepArguments* a, bool hasPeepholes)
    {
        if (Dp.IsSupported)
        {
            LstmInt8<Int8DotSdot, Vector128<sbyte>, Vector128<sbyte>, Int8SumsSdot>(a, hasPeepholes);
        }
        else
        {
            LstmInt8<Int8DotNeon, Vector128<short>, Vector128<sbyte>, Int8SumsNeon>(a, hasPeepholes);
        }
    }

    private static void LstmInt8<TDot, TWord, TBytes, TSum>(StepArguments* a, bool hasPeepholes)
        where TDot : struct, IInt8Dot<Vector128<float>, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        Int8Operands values = Quantize<TDot, TWord, TBytes, TSum>(a, a->Current + a->HiddenStart, isHiddenBounded: true);
        LstmKernel.StepInt8<Simd128, Vector128<float>, TDot, TWord, TBytes, TSum>(
            a->Weights, a->Groups, in values, a->Cell, a->Next + a->HiddenStart, y: null, hasPeepholes);
    }

    private static void GruAfterInt8<TDot, TWord, TBytes, TSum>(StepArguments* a)
        where TDot : struct, IInt8Dot<Vector128<float>, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        float* h = a->Current + a->HiddenStart;
        Int8Operands values = Quantize<TDot, TWord, TBytes, TSum>(a, h, isHiddenBounded: true);
        GruResetAfterKernel.StepInt8<Simd128, Vector128<float>, TDot, TWord, TBytes, TSum>(
            a->Weights, a->Groups, in values, h, a->Next + a->HiddenStart, y: null);
    }

    private static void GruBeforeInt8<TDot, TWord, TBytes, TSum>(StepArguments* a)
        where TDot : struct, IInt8Dot<Vector128<float>, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        float* h = a->Current + a->HiddenStart;
        float* reset = a->Reset + a->HiddenStart;
        float* next = a->Next + a->HiddenStart;
        Int8Operands values = Quantize<TDot, TWord, TBytes, TSum>(a, h, isHiddenBounded: true);
        GruResetBeforeKernel.StepGatesInt8<Simd128, Vector128<float>, TDot, TWord, TBytes, TSum>(
            a->Weights, a->Groups, in values, h, reset, next);
        values = Quantize<TDot, TWord, TBytes, TSum>(a, reset, isHiddenBounded: true);
        GruResetBeforeKernel.StepStateInt8<Simd128, Vector128<float>, TDot, TWord, TBytes, TSum>(
            a->SecondWeights, a->Groups, in values, h, next, y: null);
    }

    private static void RnnInt8(StepArguments* a, bool isRelu)
    {
        if (Dp.IsSupported)
        {
            RnnInt8<Int8DotSdot, Vector128<sbyte>, Vector128<sbyte>, Int8SumsSdot>(a, isRelu);
        }
        else
        {
            RnnInt8<Int8DotNeon, Vector128<short>, Vector128<sbyte>, Int8SumsNeon>(a, isRelu);
        }
    }

    private static void RnnInt8<TDot, TWord, TBytes, TSum>(StepArguments* a, bool isRelu)
        where TDot : struct, IInt8Dot<Vector128<float>, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct
    {
        Int8Operands values = Quantize<TDot, TWord, TBytes, TSum>(a, a->Current + a->HiddenStart, !isRelu);
        RnnKernel.StepInt8<Simd128, Vector128<float>, TDot, TWord, TBytes, TSum>(
            a->Weights, a->Groups, in values, a->Next + a->HiddenStart, y: null, isRelu);
    }

    private static Int8Operands Quantize<TDot, TWord, TBytes, TSum>(StepArguments* a, float* h, bool isHiddenBounded)
        where TDot : struct, IInt8Dot<Vector128<float>, TWord, TBytes, TSum>
        where TWord : struct
        where TBytes : struct
        where TSum : struct =>
        new Int8Columns((int)a->InputSize, (int)a->OutputSize, isHiddenBounded)
            .Quantize<TDot, Vector128<float>, TWord, TBytes, TSum>(a->Current + a->InputStart, h, a->Scratch);

    private static float* Dense(StepArguments* a)
    {
        float* y = a->Next + a->HiddenStart;
        DenseKernel.Step<Simd128, Vector128<float>>(a->Weights, a->Groups, a->Current + a->First, a->InputColumns, y);
        return y;
    }

    private static int Units(StepArguments* a) => (int)a->Groups * Simd128.Lanes;

    /// <summary>Walks the groups, and within each the tiles of streams, as the layers do.</summary>
    private struct Tile(StepArguments* arguments)
    {
        private nint _stream;

        public nint Group { get; private set; }

        public readonly bool IsInside => Group < arguments->Groups;

        /// <summary>Floats from the first stream to the tile's first.</summary>
        public readonly nint Start => _stream * arguments->Stride;

        /// <summary>The group's first unit.</summary>
        public readonly nint Unit => Group * Simd128.Lanes;

        public void Advance()
        {
            _stream += Simd128.TileStreams;
            if (_stream >= arguments->Streams)
            {
                _stream = 0;
                Group++;
            }
        }
    }
}

// The kernels for 128-bit vectors as functions of C: void NAME_PRECISION(StepArguments *).

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;
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
        where TWeights : struct, IWeightFormat<Vector128<float>> =>
        LstmKernel.Step<Simd128, Vector128<float>, TWeights>(
            a->Weights,
            a->Groups,
            a->Current + a->First,
            a->InputColumns + a->HiddenColumns,
            a->Cell,
            a->Next + a->HiddenStart,
            hasPeepholes);

    private static void GruAfter<TWeights>(StepArguments* a)
        where TWeights : struct, IWeightFormat<Vector128<float>> =>
        GruResetAfterKernel.Step<Simd128, Vector128<float>, TWeights>(
            a->Weights,
            a->Groups,
            a->Current + a->First,
            a->InputColumns,
            a->HiddenColumns,
            a->Current + a->HiddenStart,
            a->Next + a->HiddenStart);

    private static void GruBefore<TWeights>(StepArguments* a)
        where TWeights : struct, IWeightFormat<Vector128<float>>
    {
        nint columnCount = a->InputColumns + a->HiddenColumns;
        float* h = a->Current + a->HiddenStart;
        float* next = a->Next + a->HiddenStart;
        GruResetBeforeKernel.StepGates<Simd128, Vector128<float>, TWeights>(
            a->Weights, a->Groups, a->Current + a->First, columnCount, h, a->Reset + a->HiddenStart, next);
        GruResetBeforeKernel.StepState<Simd128, Vector128<float>, TWeights>(
            a->SecondWeights, a->Groups, a->Reset + a->First, columnCount, h, next);
    }

    private static void Rnn<TWeights>(StepArguments* a, bool isRelu)
        where TWeights : struct, IWeightFormat<Vector128<float>> =>
        RnnKernel.Step<Simd128, Vector128<float>, TWeights>(
            a->Weights,
            a->Groups,
            a->Current + a->First,
            a->InputColumns + a->HiddenColumns,
            a->Next + a->HiddenStart,
            isRelu);

    private static float* Dense(StepArguments* a)
    {
        float* y = a->Next + a->HiddenStart;
        DenseKernel.Step<Simd128, Vector128<float>>(a->Weights, a->Groups, a->Current + a->First, a->InputColumns, y);
        return y;
    }

    private static int Units(StepArguments* a) => (int)a->Groups * Simd128.Lanes;
}

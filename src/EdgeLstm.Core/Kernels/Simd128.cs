// Arithmetic on vectors of four floats: SSE on x64, NEON on ARM64.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EdgeLstm.Core.Kernels;

/// <summary>Arithmetic on vectors of four floats: SSE on x64, NEON on ARM64.</summary>
internal readonly unsafe struct Simd128 : ISimd<Vector128<float>>
{
    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128<float>.Count;
    }

    public static Vector128<float> Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128<float>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, float* destination) => Vector128.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> left, Vector128<float> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> left, Vector128<float> right) => left - right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> left, Vector128<float> right) => left * right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> left, Vector128<float> right) => left / right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> left, Vector128<float> right, Vector128<float> addend) =>
        Vector128.MultiplyAddEstimate(left, right, addend);

    public static int TileStreams => AdvSimd.Arm64.IsSupported ? 4 : 2;

    public static int ColumnsPerLoad => AdvSimd.Arm64.IsSupported ? 4 : 1;

    // The instruction wants its lane as a constant; of the four arms, one is left where the kernel is compiled.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAddColumn(Vector128<float> left, float* columns, int lane, Vector128<float> addend)
    {
        if (!AdvSimd.Arm64.IsSupported)
        {
            return MultiplyAdd(Broadcast(columns[lane]), left, addend);
        }

        Vector128<float> four = Vector128.Load(columns);
        return lane switch
        {
            0 => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 0),
            1 => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 1),
            2 => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 2),
            _ => AdvSimd.Arm64.FusedMultiplyAddBySelectedScalar(addend, left, four, 3),
        };
    }

    // The native forms return the second operand when either is NaN (x64), or NaN (ARM64): both keep a NaN in value.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> bound, Vector128<float> value) => Vector128.MinNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> bound, Vector128<float> value) => Vector128.MaxNative(bound, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Round(Vector128<float> value) => Vector128.Round(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Scale(Vector128<float> value, Vector128<float> exponent) =>
        (value.AsInt32() + (Vector128.ConvertToInt32Native(exponent) << 23)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenLower(Vector128<float> pairs) => (pairs.AsInt32() << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenUpper(Vector128<float> pairs) => (pairs.AsUInt32() & Vector128.Create(0xFFFF0000u)).AsSingle();
}

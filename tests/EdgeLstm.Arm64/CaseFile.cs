// One reference case as a file, little-endian, as tests/arm64/harness.c reads it:
//
//   "ELSTMC01"  FNV-1a of all that follows [8]  entry point [32, zero-padded]
//   steps  inputSize  outputSize  groups  inputColumns  hiddenColumns  first  inputStart  hiddenStart  bufferLength
//   weightBytes  secondWeightBytes                                                                  [uint32 each]
//   tolerance [float64]  streams [uint32]  zeros [20]
//   weights  second weights  inputs [streams, steps, inputSize] float32  expected [streams, steps, outputSize] float64

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using EdgeLstm.Core.Kernels;

namespace EdgeLstm.Arm64;

/// <summary>A layer as packed for 128-bit vectors, inputs, and the outputs a textbook has for them.</summary>
/// <param name="EntryPoint">Function of <see cref="EntryPoints"/>, at most 32 ASCII letters.</param>
/// <param name="Columns">Order of the step values.</param>
/// <param name="Weights">Panels of the only or the first pass.</param>
/// <param name="SecondWeights">Panels of the second pass, or null.</param>
/// <param name="OutputSize">Values of y.</param>
/// <param name="Tolerance">Greatest absolute error, relative where the expected value is above 1.</param>
/// <param name="Inputs">x of each stream and step.</param>
/// <param name="Expected">y of each stream and step.</param>
internal sealed record CaseFile(
    string EntryPoint,
    ColumnLayout Columns,
    PackedWeights Weights,
    PackedWeights? SecondWeights,
    int OutputSize,
    double Tolerance,
    float[][][] Inputs,
    double[][][] Expected)
{
    private const int EntryPointBytes = 32;
    private const int ReservedBytes = 20;

    // A dense layer's y stands behind its columns. Streams begin on cache lines.
    private int BufferLength => ColumnLayout.RoundUp(Columns.Length + (Weights.Groups * Simd128.Lanes), 16);

    public void WriteTo(string path)
    {
        using MemoryStream content = new();
        using (BinaryWriter writer = new(content, Encoding.ASCII, leaveOpen: true))
        {
            WriteHeader(writer);
            WritePayload(writer);
        }

        byte[] bytes = content.ToArray();
        using FileStream file = File.Create(path);
        file.Write("ELSTMC01"u8);
        Span<byte> sum = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(sum, Fnv1a(bytes));
        file.Write(sum);
        file.Write(bytes);
    }

    private void WriteHeader(BinaryWriter writer)
    {
        byte[] name = new byte[EntryPointBytes];
        Encoding.ASCII.GetBytes(EntryPoint, name);
        writer.Write(name);
        ReadOnlySpan<int> sizes =
        [
            Inputs[0].Length, Columns.InputSize, OutputSize, Weights.Groups,
            Columns.InputColumns, Columns.HiddenColumns, Columns.First, Columns.InputStart, Columns.HiddenStart,
            BufferLength,
            Weights.Bytes.Length, SecondWeights?.Bytes.Length ?? 0,
        ];
        foreach (int size in sizes)
        {
            writer.Write(size);
        }

        writer.Write(Tolerance);
        writer.Write(Inputs.Length);
        writer.Write(new byte[ReservedBytes]);
    }

    private void WritePayload(BinaryWriter writer)
    {
        writer.Write(Weights.Bytes);
        writer.Write(SecondWeights?.Bytes ?? []);

        foreach (float[] x in Inputs.SelectMany(stream => stream))
        {
            writer.Write(MemoryMarshal.AsBytes<float>(x));
        }

        foreach (double[] y in Expected.SelectMany(stream => stream))
        {
            writer.Write(MemoryMarshal.AsBytes<double>(y));
        }
    }

    private static ulong Fnv1a(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }
}

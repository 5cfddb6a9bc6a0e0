// Activations against their definitions in double precision.

using System.Runtime.Intrinsics;
using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed unsafe class ElementwiseActivationTests
{
    [Fact]
    public void Every_function_agrees_with_its_definition()
    {
        float[] a = [.. Enumerable.Range(-1200, 2401).Select(k => k / 100f), -60, 40, 1e-6f, -1e-6f];
        foreach (ActivationFunction function in TextbookActivations.Elementwise)
        {
            float[] found = [.. a];
            ElementwiseActivation.Apply(function, found);
            double[] expected = [.. a.Select(value => TextbookActivations.Of(function, value))];
            Agreement.CheckEqual(expected, found, $"{function}", 5e-7);
        }
    }

    [Fact]
    public void Gelu_keeps_its_digits_where_it_is_small()
    {
        foreach (float a in new[] { -0.5f, -2f, -4f })
        {
            float[] found = [a];
            ElementwiseActivation.Apply(Activation.Gelu, found);
            double expected = TextbookActivations.Of(Activation.Gelu, a);
            Assert.InRange(found[0] / expected, 1 - 3e-7, 1 + 3e-7);
        }
    }

    [Fact]
    public void Whole_vectors_agree_with_single_values()
    {
        AlignedBuffer values = new(16);
        foreach (ActivationFunction function in TextbookActivations.Elementwise)
        {
            float[] expected = [.. Enumerable.Range(0, 16).Select(k => (k - 8) / 3f)];
            expected.CopyTo(values.Span);
            ElementwiseActivation.Apply(function, expected);
            ElementwiseActivation.Apply<Simd128, Vector128<float>>(function, values.Pointer, 16);
            Agreement.CheckEqual([.. expected.Select(value => (double)value)], values.Span.ToArray(), $"{function}", 5e-7);
        }
    }

    [Fact]
    public void Softmax_is_over_all_values_and_does_not_overflow()
    {
        float[] values = [1000, 999, 998];
        ElementwiseActivation.Apply(Activation.Softmax, values);
        double total = 1 + Math.Exp(-1) + Math.Exp(-2);
        Agreement.CheckEqual([1 / total, Math.Exp(-1) / total, Math.Exp(-2) / total], values, "softmax", 1e-6);
    }

    [Fact]
    public void NaN_stays_NaN()
    {
        foreach (ActivationFunction function in TextbookActivations.Elementwise)
        {
            float[] values = [1, float.NaN];
            ElementwiseActivation.Apply(function, values);
            Assert.True(float.IsNaN(values[1]), $"{function} of NaN is {values[1]}");
        }
    }

    [Fact]
    public void It_allocates_nothing()
    {
        float[] values = [1, 2, -3];
        long before = 0;
        for (int round = 0; round < 2; round++)
        {
            before = GC.GetAllocatedBytesForCurrentThread();
            foreach (ActivationFunction function in TextbookActivations.Elementwise)
            {
                ElementwiseActivation.Apply(function, values);
            }

            ElementwiseActivation.Apply(Activation.Softmax, values);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

// Activations of vectors against those of the library, in double.

using System.Numerics;
using EdgeLstm.Training.Kernels;

namespace EdgeLstm.Training.Tests;

public class LanesTests
{
    [Fact]
    public void Sigmoid_and_tanh_are_exact_to_a_few_units_of_the_last_place()
    {
        for (double a = -100; a <= 100; a += 0.0137)
        {
            float x = (float)a;
            Assert.Equal(1 / (1 + Math.Exp(-(double)x)), Lanes.Sigmoid(new Vector<float>(x))[0], 3e-7);
            Assert.Equal(Math.Tanh(x), Lanes.Tanh(new Vector<float>(x))[0], 3e-7);
        }
    }

    [Theory]
    [InlineData(1e-8f)]
    [InlineData(-1e-5f)]
    [InlineData(1e-3f)]
    public void Tanh_of_a_small_number_is_that_number(float x) =>
        Assert.Equal(1, Lanes.Tanh(new Vector<float>(x))[0] / Math.Tanh(x), 1e-6);

    [Fact]
    public void What_is_not_finite_goes_to_its_limit_and_NaN_stays_NaN()
    {
        Assert.Equal(1, Lanes.Sigmoid(new Vector<float>(float.PositiveInfinity))[0]);
        Assert.Equal(0, Lanes.Sigmoid(new Vector<float>(float.NegativeInfinity))[0], 1e-37);
        Assert.Equal(1, Lanes.Tanh(new Vector<float>(float.PositiveInfinity))[0], 1e-7);
        Assert.Equal(-1, Lanes.Tanh(new Vector<float>(float.NegativeInfinity))[0], 1e-7);
        Assert.True(float.IsNaN(Lanes.Sigmoid(new Vector<float>(float.NaN))[0]));
        Assert.True(float.IsNaN(Lanes.Tanh(new Vector<float>(float.NaN))[0]));
    }
}

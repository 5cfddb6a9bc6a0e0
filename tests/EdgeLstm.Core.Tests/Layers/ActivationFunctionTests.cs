// The text of an activation: what is written is read back, in any culture, and nothing else is read.

using System.Globalization;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Tests.Reference;

namespace EdgeLstm.Core.Tests.Layers;

public sealed class ActivationFunctionTests
{
    [Theory]
    [InlineData(".", "-")]
    [InlineData(",", "-")]
    [InlineData("٫", "\u200f−")]
    public void Every_function_is_read_as_it_was_written_in_any_culture(string decimalMark, string negativeSign)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = decimalMark;
        culture.NumberFormat.NegativeSign = negativeSign;
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = culture;
            IEnumerable<ActivationFunction> bare = Enum.GetValues<Activation>().Select(kind => new ActivationFunction(kind));
            foreach (ActivationFunction function in Activations.All.Concat(bare))
            {
                Assert.True(
                    ActivationFunction.TryParse(function.ToString(), out ActivationFunction read), function.ToString());
                Assert.Equal(function, read);
            }

            ActivationFunction two = new(Activation.ScaledTanh, 1.7159f, 2 / 3f);
            Assert.Equal("scaledTanh(1.7159, 0.6666667)", two.ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Extreme_parameters_survive()
    {
        float[] values = [0f, -0f, float.Epsilon, float.MinValue, float.MaxValue, 0.1f, -1 / 3f, 1e-30f, 123456789f];
        foreach (float value in values)
        {
            ActivationFunction function = new(Activation.Clamp, value, -value);
            Assert.True(ActivationFunction.TryParse(function.ToString(), out ActivationFunction read));
            Assert.Equal(function, read);
        }
    }

    [Theory]
    [InlineData("relu", Activation.Relu, 0, 0)]
    [InlineData("leakyRelu(0.3)", Activation.LeakyRelu, 0.3f, 0)]
    [InlineData("leakyRelu( 3e-1 )", Activation.LeakyRelu, 0.3f, 0)]
    [InlineData("hardSigmoid(0.2,0.5)", Activation.HardSigmoid, 0.2f, 0.5f)]
    [InlineData("hardSigmoid(0.2, 0.5)", Activation.HardSigmoid, 0.2f, 0.5f)]
    [InlineData("clamp(-1, +1)", Activation.Clamp, -1, 1)]
    public void Texts_are_read(string text, Activation kind, float alpha, float beta)
    {
        Assert.True(ActivationFunction.TryParse(text, out ActivationFunction function));
        Assert.Equal(new ActivationFunction(kind, alpha, beta), function);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("(")]
    [InlineData(")")]
    [InlineData("()")]
    [InlineData("(0.3)")]
    [InlineData("Relu")]
    [InlineData("RELU")]
    [InlineData("relu ")]
    [InlineData(" relu")]
    [InlineData("relu()")]
    [InlineData("relu(1)")]
    [InlineData("relu(")]
    [InlineData("relu)")]
    [InlineData("1")]
    [InlineData("swish")]
    [InlineData("linear,relu")]
    [InlineData("leakyRelu")]
    [InlineData("leakyRelu()")]
    [InlineData("leakyRelu(0.3")]
    [InlineData("leakyRelu(0.3))")]
    [InlineData("leakyRelu((0.3)")]
    [InlineData("leakyRelu(0.3) ")]
    [InlineData("leakyRelu 0.3")]
    [InlineData("leakyRelu(0.3, 0.5)")]
    [InlineData("leakyRelu(0,3)")]
    [InlineData("leakyRelu(NaN)")]
    [InlineData("leakyRelu(Infinity)")]
    [InlineData("leakyRelu(-Infinity)")]
    [InlineData("leakyRelu(∞)")]
    [InlineData("leakyRelu(1e999)")]
    [InlineData("leakyRelu(1e39)")]
    [InlineData("leakyRelu(0x10)")]
    [InlineData("leakyRelu(1 2)")]
    [InlineData("leakyRelu(٣)")]
    [InlineData("hardSigmoid(0.2)")]
    [InlineData("hardSigmoid(0.2, )")]
    [InlineData("hardSigmoid(0.2, 0.5, 1)")]
    [InlineData("hardSigmoid(,)")]
    public void Other_texts_are_refused(string? text)
    {
        Assert.False(ActivationFunction.TryParse(text, out ActivationFunction function));
        Assert.Equal(default, function);
    }

    [Fact]
    public void A_long_text_of_commas_is_refused() =>
        Assert.False(ActivationFunction.TryParse($"hardSigmoid({new string(',', 100_000)})", out _));

    [Fact]
    public void Only_softmax_needs_the_other_values() =>
        Assert.All(Enum.GetValues<Activation>(), kind => Assert.Equal(
            kind != Activation.Softmax, new ActivationFunction(kind).IsElementwise));
}

// Model files with narrow weights: what is stored is what is run, and every way such a file can be wrong is named.

using EdgeLstm.Core.Kernels;
using EdgeLstm.Core.Layers;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Core.Tests.Models;

public class NarrowWeightsTests
{
    private const string Matrix = "gru0.weight_hh";
    private const string Scale = "gru0.weight_hh_scale";

    private static readonly float[] Whole = [127, -3, 0, 127, -127, 64, 1, 127, 127, 127, 127, 5];
    private static readonly float[] Scales = [0.01f, 0.002f, 0, 0.5f, 1e-3f, 0.0101f];

    [Fact]
    public void Int8_weights_are_the_stored_number_times_the_scale_of_the_row()
    {
        float[] taken = TakeMatrix(TensorType.I8, Whole, Scales, WeightPrecision.Int8);
        Assert.Equal(Whole.Select((q, k) => q * Scales[k / 2]), taken);
    }

    [Fact]
    public void Bfloat16_weights_are_taken_as_they_are()
    {
        float[] values = [1, -0.5f, 0, 3, 1 + (1 / 128f), 7, 8, 9, 10, 11, 12, 13];
        Assert.Equal(values, TakeMatrix(TensorType.BF16, values, null, WeightPrecision.BFloat16));
    }

    [Theory]
    [InlineData(WeightPrecision.Int8, TensorType.F32, "stored as F32; expected I8, as the precision in the manifest is int8.")]
    [InlineData(WeightPrecision.Int8, TensorType.BF16, "stored as BF16; expected I8, as the precision in the manifest is int8.")]
    [InlineData(WeightPrecision.BFloat16, TensorType.F32,
        "stored as F32; expected BF16, as the precision in the manifest is bfloat16.")]
    [InlineData(WeightPrecision.BFloat16, TensorType.I8,
        "stored as I8; expected BF16, as the precision in the manifest is bfloat16.")]
    [InlineData(WeightPrecision.Float32, TensorType.I8,
        "stored as I8; expected F16, BF16, F32 or F64, as the precision in the manifest is float32.")]
    public void A_type_that_the_manifest_does_not_say_is_refused(WeightPrecision stated, TensorType stored, string fault)
    {
        string message = Refusal(() => TakeMatrix(stored, Whole, stored == TensorType.I8 ? Scales : null, stated));
        Assert.Equal($"x: tensor '{Matrix}' is {fault}", message);
    }

    [Fact]
    public void A_file_that_says_one_precision_and_stores_another_is_refused_whole()
    {
        byte[] bytes = ModelFile.ToBytes(
            SmallModel.Manifest with { Precision = WeightPrecision.Int8 }, SmallModel.Tensors(SmallModel.Manifest));
        Assert.Equal(
            "x: tensor 'gru0.weight_ih' is stored as F32; expected I8, as the precision in the manifest is int8.",
            Refusal(() => ModelFile.Load("x", bytes)));
    }

    [Fact]
    public void An_int8_tensor_without_scales_is_refused() =>
        Assert.Equal(
            $"x: tensor '{Scale}' is missing; expected [3·HiddenSize] = [6].",
            Refusal(() => TakeMatrix(TensorType.I8, Whole, null, WeightPrecision.Int8)));

    [Fact]
    public void Scales_of_another_count_are_refused() =>
        Assert.Equal(
            $"x: tensor '{Scale}' has shape [5]; expected [3·HiddenSize] = [6].",
            Refusal(() => TakeMatrix(TensorType.I8, Whole, Scales[..5], WeightPrecision.Int8)));

    [Fact]
    public void Scales_of_no_int8_tensor_are_refused() =>
        Assert.Equal(
            $"x: tensor '{Scale}' is the scale of an I8 tensor; '{Matrix}' is F32.",
            Refusal(() => TakeMatrix(TensorType.F32, Whole, Scales, WeightPrecision.Float32)));

    [Fact]
    public void Scales_of_no_tensor_at_all_are_refused()
    {
        List<Tensor> tensors = [.. SmallModel.Tensors(SmallModel.Manifest), new Tensor("gru1.weight_ih_scale", [1], [1])];
        Assert.StartsWith(
            "x: no layer uses tensor 'gru1.weight_ih_scale'",
            Refusal(() => ModelFile.Load("x", ModelFile.ToBytes(SmallModel.Manifest, tensors))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.5f, "has the value -0.5 at index 3; a scale must be 0 or more, and 127 times it a finite float32.")]
    [InlineData(-float.Epsilon, "at index 3; a scale must be 0 or more")]
    [InlineData(3e38f, "has the value 3E+38 at index 3; a scale must be 0 or more, and 127 times it a finite float32.")]
    [InlineData(float.NaN, "has the value NaN at index 3; every value must be a finite float32.")]
    [InlineData(float.PositiveInfinity, "at index 3; every value must be a finite float32.")]
    public void A_scale_that_is_negative_or_not_finite_is_refused(float scale, string fault)
    {
        float[] scales = [.. Scales];
        scales[3] = scale;
        string message = Refusal(() => TakeMatrix(TensorType.I8, Whole, scales, WeightPrecision.Int8));
        Assert.StartsWith($"x: tensor '{Scale}' ", message, StringComparison.Ordinal);
        Assert.Contains(fault, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Minus_128_is_refused()
    {
        byte[] bytes = Bytes(TensorType.I8, Whole, Scales);
        int at = bytes.Length - (Scales.Length * sizeof(float)) - Whole.Length;
        bytes[at + 1] = 0x80;
        Assert.Equal(
            $"x: tensor '{Matrix}' has the value -128 at index 1; I8 weights are from -127 to 127.",
            Refusal(() => Take(SafetensorsFile.Parse("x", bytes), WeightPrecision.Int8)));
    }

    [Fact]
    public void Int8_is_refused_for_all_but_the_weights_of_recurrent_layers()
    {
        List<Tensor> tensors = SmallModel.Tensors(SmallModel.Manifest);
        int at = tensors.FindIndex(tensor => tensor.Name == "head.weight");
        tensors[at] = tensors[at] with { Values = [1, 2, 3, 4], Type = TensorType.I8 };
        Assert.Equal(
            "x: tensor 'head.weight' is stored as I8; expected F16, BF16, F32 or F64: "
            + "only the weights of a recurrent layer may be I8.",
            Refusal(() => ModelFile.Load("x", ModelFile.ToBytes(SmallModel.Manifest, tensors))));
    }

    [Fact]
    public void A_float32_model_can_be_run_at_every_precision_and_is_proved_at_its_own()
    {
        Model model = ModelFile.Load("x", SmallModel.Bytes());
        Assert.Equal(WeightPrecision.Float32, model.Precision);
        Assert.InRange(model.GoldenDeviation.MaxScaled, 0, 1e-5);
        foreach (VectorWidth width in VectorWidths.Supported)
        {
            foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
            {
                GoldenDeviation worst = model.Golden.Measure(model.CreateNetwork(width, precision));
                Assert.InRange(worst.MaxScaled, 0, 0.05);
                Assert.Equal(precision == WeightPrecision.Float32, worst.IsWithin(1e-5));
            }
        }
    }

    private static float[] TakeMatrix(TensorType type, float[] values, float[]? scales, WeightPrecision precision) =>
        Take(SafetensorsFile.Parse("x", Bytes(type, values, scales)), precision);

    private static float[] Take(SafetensorsFile file, WeightPrecision precision)
    {
        float[] taken = WeightMatrix.Take(file, Matrix, precision, ("3·HiddenSize", 6), ("HiddenSize", 2));
        file.RequireAllTaken();
        return taken;
    }

    private static byte[] Bytes(TensorType type, float[] values, float[]? scales)
    {
        List<Tensor> tensors = [new Tensor(Matrix, [6, 2], values, type)];
        if (scales is not null)
        {
            tensors.Add(new Tensor(Scale, [scales.Length], scales));
        }

        return SafetensorsWriter.Write(new Dictionary<string, string>(), tensors);
    }

    private static string Refusal(Action load) => Assert.Throws<ModelFileException>(load).Message;
}

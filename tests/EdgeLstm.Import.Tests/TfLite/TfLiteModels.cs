// Small models that the tests of TensorFlow Lite write, change and import.

namespace EdgeLstm.Import.Tests.TfLite;

internal static class TfLiteModels
{
    public const int Lstm = 44;
    public const int Rnn = 35;
    public const int Dense = 9;

    public static void DenseModel(TfLiteWriter writer, int inputs, int outputs)
    {
        int x = writer.Tensor("x", [1, inputs]);
        int y = writer.Tensor("dense", [1, outputs]);
        writer.Operator(Dense, [x, writer.Constant("w", [outputs, inputs], new float[inputs * outputs]), -1], y, (byte)0);
        (writer.Inputs, writer.Outputs) = ([x], [y]);
    }

    // With RELU6.
    public static void AddDense(TfLiteWriter writer, int x, int inputs, int outputs)
    {
        int y = writer.Tensor("y", [1, outputs]);
        int w = writer.Constant("w", [outputs, inputs], new float[inputs * outputs]);
        writer.Operator(Dense, [x, w, writer.Constant("b", [outputs], new float[outputs])], y, (byte)3);
        writer.Outputs = [y];
    }

    public static TfLiteWriter LstmModel(
        bool isCoupled = false, bool hasPeepholes = false, int projected = 0, object?[]? options = null,
        bool hasNormalisation = false, bool hasVariables = true, float? projectionBias = null)
    {
        var writer = new TfLiteWriter();
        int x = writer.Tensor("x", [1, 5, 2]);
        int h = AddLstm(
            writer, x, 2, isCoupled, hasPeepholes, projected, options, hasNormalisation, hasVariables, projectionBias);
        (writer.Inputs, writer.Outputs) = ([x], [h]);
        return writer;
    }

    // Three units; the input weights of gate k are 1 + k, its bias 0.1 · k, its peephole 9 + k.
    public static int AddLstm(
        TfLiteWriter writer, int x, int inputs, bool isCoupled = false, bool hasPeepholes = false, int projected = 0,
        object?[]? options = null, bool hasNormalisation = false, bool hasVariables = true, float? projectionBias = null,
        bool isTimeMajor = false, int[]? shape = null)
    {
        int outputs = projected > 0 ? projected : 3;
        int[] tensors = [.. Enumerable.Repeat(-1, 24)];
        tensors[0] = x;
        for (int gate = isCoupled ? 1 : 0; gate < 4; gate++)
        {
            tensors[1 + gate] = writer.Constant($"w{gate}", [3, inputs], Filled(3 * inputs, 1 + gate));
            tensors[5 + gate] = writer.Constant($"r{gate}", [3, outputs], Filled(3 * outputs, 0.01f));
            tensors[12 + gate] = writer.Constant($"b{gate}", [3], Filled(3, 0.1f * gate));
            if (hasPeepholes && gate < 3)
            {
                tensors[9 + gate] = writer.Constant($"p{gate}", [3], Filled(3, 9 + gate));
            }
        }

        if (projected > 0)
        {
            tensors[16] = writer.Constant("projection", [projected, 3], Filled(3 * projected, 0.5f));
            tensors[17] = projectionBias is { } bias
                ? writer.Constant("projection bias", [projected], Filled(projected, bias))
                : -1;
        }

        tensors[18] = writer.Tensor("state h", [1, outputs], hasVariables);
        tensors[19] = writer.Tensor("state c", [1, 3], hasVariables);
        tensors[20] = hasNormalisation ? writer.Constant("norm", [3], 1, 1, 1) : -1;
        int h = writer.Tensor("h", shape ?? [1, 5, outputs]);
        writer.Operator(Lstm, tensors, h, options ?? [(byte)4, 10f, 0f, isTimeMajor]);
        return h;
    }

    public static float[] Filled(int count, float value) => [.. Enumerable.Repeat(value, count)];
}

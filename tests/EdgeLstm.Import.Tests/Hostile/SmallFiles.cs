// The same small network, 1 → LSTM 2 → dense 1, in every container that can be written in a few lines.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EdgeLstm.Import.Tests.TfLite;

namespace EdgeLstm.Import.Tests.Hostile;

/// <summary>Files for the fuzzer, so that it runs without the shared fixtures.</summary>
internal static class SmallFiles
{
    private static readonly (string Name, int[] Shape)[] TorchTensors =
    [
        ("lstm.weight_ih_l0", [8, 1]), ("lstm.weight_hh_l0", [8, 2]), ("lstm.bias_ih_l0", [8]), ("lstm.bias_hh_l0", [8]),
        ("fc.weight", [1, 2]), ("fc.bias", [1]),
    ];

    /// <summary>All of them.</summary>
    public static IEnumerable<SourceFile> All() =>
    [
        new("small.safetensors", Safetensors()), new("small.pt", TorchZip()), new("small.legacy.pth", TorchLegacy()),
        new("small.state_dict.json", StateDict()), new("small.rtneural.json", RtNeural()), new("small.nam", Nam()),
        new("small.onnx", Onnx()), new("small.keras", Keras3()), new("small.h5", H5("keras2.h5")),
        new("chunks.h5", H5("chunks.h5")), new("small.tflite", TfLite()),
    ];

    /// <summary>Values that are small, finite and not all the same.</summary>
    public static float[] Ramp(int count)
    {
        float[] values = new float[count];
        for (int k = 0; k < count; k++)
        {
            values[k] = ((k * 7 % 11) - 5) / 16f;
        }

        return values;
    }

    private static byte[] H5(string name) =>
        File.ReadAllBytes(Path.Combine(Fixture.Root, "tests", "EdgeLstm.Import.Tests", "Hdf5", "data", name));

    private static byte[] Bytes(int count) => MemoryMarshal.AsBytes<float>(Ramp(count)).ToArray();

    private static int Count(int[] shape) => shape.Aggregate(1, (count, size) => count * size);

    private static byte[] Safetensors()
    {
        int offset = 0;
        var header = new Dictionary<string, object>();
        using var data = new MemoryStream();
        foreach ((string name, int[] shape) in TorchTensors)
        {
            int bytes = Count(shape) * 4;
            header.Add(name, new { dtype = "F32", shape, data_offsets = new[] { offset, offset + bytes } });
            data.Write(Bytes(Count(shape)));
            offset += bytes;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data.ToArray()];
    }

    private static byte[] TorchZip()
    {
        List<(string, byte[])> entries =
            [("archive/data.pkl", Pickle(isLegacy: false)), ("archive/byteorder", "little"u8.ToArray())];
        for (int k = 0; k < TorchTensors.Length; k++)
        {
            entries.Add(($"archive/data/{k}", Bytes(Count(TorchTensors[k].Shape))));
        }

        return Zip([.. entries, ("archive/version", "3\n"u8.ToArray())]);
    }

    private static byte[] TorchLegacy()
    {
        using var file = new MemoryStream();
        file.Write([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.']);
        file.Write([0x80, 2, (byte)'M', 0xe9, 3, (byte)'.']);
        file.Write([0x80, 2, (byte)'}', (byte)'(', .. Text("protocol_version"), (byte)'M', 0xe9, 3, .. Text("little_endian"),
            0x88, (byte)'u', (byte)'.']);
        file.Write(Pickle(isLegacy: true));
        file.Write([0x80, 2, (byte)']', (byte)'(']);
        for (int k = 0; k < TorchTensors.Length; k++)
        {
            file.Write(Text($"{k}"));
        }

        file.Write("e."u8);
        foreach ((_, int[] shape) in TorchTensors)
        {
            file.Write(BitConverter.GetBytes((long)Count(shape)));
            file.Write(Bytes(Count(shape)));
        }

        return file.ToArray();
    }

    // An ordered dictionary of torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, …), protocol 2.
    private static byte[] Pickle(bool isLegacy)
    {
        using var pickle = new MemoryStream();
        pickle.Write([0x80, 2, .. "ccollections\nOrderedDict\n)R("u8]);
        for (int k = 0; k < TorchTensors.Length; k++)
        {
            (string name, int[] shape) = TorchTensors[k];
            byte[] sizes = [.. shape.SelectMany(size => (byte[])[(byte)'K', (byte)size])];
            byte[] strides = [.. shape.SelectMany((_, axis) => (byte[])[(byte)'K', (byte)Count(shape[(axis + 1)..])])];
            pickle.Write(Text(name));
            pickle.Write([.. "ctorch._utils\n_rebuild_tensor_v2\n(("u8, .. Text("storage"), .. "ctorch\nFloatStorage\n"u8,
                .. Text($"{k}"), .. Text("cpu"), (byte)'K', (byte)Count(shape), .. isLegacy ? "N"u8 : [], (byte)'t', (byte)'Q']);
            pickle.Write([(byte)'K', 0, (byte)'(', .. sizes, (byte)'t', (byte)'(', .. strides, (byte)'t', 0x89,
                .. "ccollections\nOrderedDict\n)RtR"u8]);
        }

        pickle.Write("u."u8);
        return pickle.ToArray();
    }

    private static byte[] Text(string text) => [(byte)'X', (byte)text.Length, 0, 0, 0, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Zip(IEnumerable<(string Name, byte[] Bytes)> entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in entries)
            {
                using Stream entry = archive.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    private static object Nested(int[] shape)
    {
        float[] values = Ramp(Count(shape));
        return shape.Length == 1 ? values : values.Chunk(shape[1]).ToArray();
    }

    private static byte[] StateDict() =>
        JsonSerializer.SerializeToUtf8Bytes(TorchTensors.ToDictionary(tensor => tensor.Name, tensor => Nested(tensor.Shape)));

    private static byte[] RtNeural() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        in_shape = new int?[] { null, null, 1 },
        layers = new object[]
        {
            new
            {
                type = "lstm",
                activation = "",
                shape = new int?[] { null, null, 2 },
                weights = new[] { Nested([1, 8]), Nested([2, 8]), Nested([8]) },
            },
            new
            {
                type = "dense",
                activation = "",
                shape = new int?[] { null, null, 1 },
                weights = new[] { Nested([2, 1]), Nested([1]) },
            },
        },
    });

    private static byte[] Nam() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        version = "0.5.0",
        architecture = "LSTM",
        config = new { num_layers = 1, input_size = 1, hidden_size = 2 },
        weights = Ramp(24 + 8 + 2 + 2 + 3),
        sample_rate = 48000,
    });

    private static byte[] Keras3()
    {
        const string config = """
            {"module": "keras", "class_name": "Sequential", "config": {"name": "small", "layers": [
              {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 4, 1], "name": "input"}},
              {"module": "keras.layers", "class_name": "LSTM", "config": {"name": "lstm", "units": 2, "activation": "tanh",
                "recurrent_activation": "sigmoid", "use_bias": true, "return_sequences": false, "go_backwards": false}},
              {"module": "keras.layers", "class_name": "Dense", "config": {"name": "dense", "units": 1, "activation": "linear",
                "use_bias": true}}]}}
            """;
        byte[] metadata = """{"keras_version": "3.5.0"}"""u8.ToArray();
        return Zip([("metadata.json", metadata), ("config.json", Encoding.UTF8.GetBytes(config)),
            ("model.weights.h5", H5("keras3.weights.h5"))]);
    }

    private static byte[] Onnx()
    {
        byte[] node = [.. Field(1, "X"), .. Field(1, "W"), .. Field(1, "R"), .. Field(1, "B"), .. Field(2, "Y"),
            .. Field(3, "lstm"), .. Field(4, "LSTM"), .. Field(5, [.. Field(1, "hidden_size"), .. Field(3, 2), .. Field(20, 2)])];
        byte[] graph = [.. Field(1, node), .. Field(2, "small"), .. OnnxTensor("W", 1, 8, 1), .. OnnxTensor("R", 1, 8, 2),
            .. OnnxTensor("B", 1, 16), .. Field(11, OnnxValue("X", 4, 1, 1)), .. Field(12, OnnxValue("Y", 4, 1, 1, 2))];
        return [.. Field(1, 8), .. Field(2, "test"), .. Field(7, graph), .. Field(8, [.. Field(1, ""), .. Field(2, 14)])];
    }

    private static byte[] OnnxTensor(string name, params int[] shape) =>
        Field(5, [.. shape.SelectMany(size => Field(1, size)), .. Field(2, 1), .. Field(8, name),
            .. Field(9, Bytes(Count(shape)))]);

    private static byte[] OnnxValue(string name, params int[] shape)
    {
        byte[] sizes = [.. shape.SelectMany(size => Field(1, Field(1, size)))];
        return [.. Field(1, name), .. Field(2, Field(1, [.. Field(1, 1), .. Field(2, sizes)]))];
    }

    private static byte[] TfLite()
    {
        const int lstm = 44;
        var writer = new TfLiteWriter();
        int[] inputs = [.. Enumerable.Repeat(-1, 24)];
        inputs[0] = writer.Tensor("x", [1, 4, 1]);
        for (int gate = 0; gate < 4; gate++)
        {
            inputs[1 + gate] = writer.Constant($"w{gate}", [2, 1], Ramp(2));
            inputs[5 + gate] = writer.Constant($"r{gate}", [2, 2], Ramp(4));
            inputs[12 + gate] = writer.Constant($"b{gate}", [2], Ramp(2));
        }

        inputs[18] = writer.Tensor("h", [1, 2], isVariable: true);
        inputs[19] = writer.Tensor("c", [1, 2], isVariable: true);
        int y = writer.Tensor("y", [1, 4, 2]);
        writer.Operator(lstm, inputs, y, (byte)4, 10f, 0f, false);
        (writer.Inputs, writer.Outputs) = ([inputs[0]], [y]);
        return writer.Bytes();
    }

    // Fields of protocol buffers: a tag (number and wire type 0 varint or 2 bytes), then the value.
    private static byte[] Field(int number, int value) => [.. Varint(number << 3), .. Varint(value)];

    private static byte[] Field(int number, string value) => Field(number, Encoding.UTF8.GetBytes(value));

    private static byte[] Field(int number, byte[] value) => [.. Varint((number << 3) | 2), .. Varint(value.Length), .. value];

    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 128), .. Varint(value >> 7)];
}

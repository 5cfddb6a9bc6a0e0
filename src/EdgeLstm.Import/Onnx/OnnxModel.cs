// The parts of an ONNX file that are read:  ModelProto → GraphProto → NodeProto, AttributeProto, TensorProto, ValueInfoProto.
// Field numbers are those of onnx.proto (onnx.ai, IR version 3 to 12). Tensors stay where they lie in the file.

using Google.Protobuf;

namespace EdgeLstm.Import.Onnx;

/// <summary>A parsed file.</summary>
internal sealed class OnnxModel
{
    private const int MaxNodes = 10_000;
    private const int MaxNamed = 100_000;

    private int _named;

    private OnnxModel()
    {
    }

    public string Producer { get; private set; } = "";

    public string ProducerVersion { get; private set; } = "";

    /// <summary>Version of the operators of domain "" or "ai.onnx"; 0 where none is said.</summary>
    public long Opset { get; private set; }

    public OnnxGraph Graph { get; private set; } = new();

    /// <summary>metadata_props: key and value as UTF-8.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file. Memory: a small multiple of its size; counts of nodes and names are limited.</summary>
    public static OnnxModel Read(SourceFile file)
    {
        var reader = new ProtoReader(file.Bytes);
        try
        {
            var model = new OnnxModel();
            model.ReadModel(reader);
            return model;
        }
        catch (Exception fault) when (fault is InvalidProtocolBufferException or InvalidDataException)
        {
            string detail = fault is InvalidDataException ? $" ({fault.Message})" : "";
            throw file.Refuse(
                $"is no whole ONNX file: its protocol buffer breaks off or is damaged in the field before or at byte "
                    + $"{reader.Position} of {file.Bytes.Length}{detail}; copy or export it again");
        }
    }

    /// <summary>A tensor alone, as the ONNX suite stores inputs and outputs (*.pb).</summary>
    public static OnnxTensor ReadTensorFile(SourceFile file) => new OnnxModel().ReadTensor(new ProtoReader(file.Bytes));

    private void ReadModel(ProtoReader reader)
    {
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2: Producer = reader.Text(); break;
                case 3: ProducerVersion = reader.Text(); break;
                case 7: Graph = ReadGraph(reader.Message()); break;
                case 8: ReadOpset(reader.Message()); break;
                case 14: ReadMetadata(reader.Message()); break;
                default: reader.Skip(); break;
            }
        }
    }

    private void ReadOpset(ProtoReader reader)
    {
        string domain = "";
        long version = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: domain = reader.Text(); break;
                case 2: version = reader.Integer(); break;
                default: reader.Skip(); break;
            }
        }

        if (OnnxNode.IsStandard(domain))
        {
            Opset = version;
        }
    }

    private void ReadMetadata(ProtoReader reader)
    {
        CountName();
        string key = "";
        ReadOnlyMemory<byte> value = default;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Text(); break;
                case 2: value = reader.Bytes(); break;
                default: reader.Skip(); break;
            }
        }

        Metadata[key] = value;
    }

    private OnnxGraph ReadGraph(ProtoReader reader)
    {
        var graph = new OnnxGraph();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: graph.Nodes.Add(ReadNode(reader.Message())); break;
                case 5: graph.Initializers.Add(ReadTensor(reader.Message())); break;
                case 11: graph.Inputs.Add(ReadValueInfo(reader.Message())); break;
                case 12: graph.Outputs.Add(ReadValueInfo(reader.Message())); break;
                default: reader.Skip(); break;
            }

            if (graph.Nodes.Count > MaxNodes)
            {
                throw new InvalidDataException($"more than {MaxNodes} nodes, the limit");
            }
        }

        return graph;
    }

    private OnnxNode ReadNode(ProtoReader reader)
    {
        CountName();
        var node = new OnnxNode();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: node.Inputs.Add(reader.Text()); break;
                case 2: node.Outputs.Add(reader.Text()); break;
                case 3: node.Name = reader.Text(); break;
                case 4: node.OpType = reader.Text(); break;
                case 5: node.Attributes.Add(ReadAttribute(reader.Message())); break;
                case 7: node.Domain = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        return node;
    }

    private OnnxAttribute ReadAttribute(ProtoReader reader)
    {
        CountName();
        var attribute = new OnnxAttribute();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: attribute.Name = reader.Text(); break;
                case 2: attribute.Float = reader.Float(); break;
                case 3: attribute.Integer = reader.Integer(); break;
                case 4: attribute.Text = reader.Text(); break;
                case 5: attribute.Tensor = ReadTensor(reader.Message()); break;
                case 6 or 11: attribute.Graphs.Add(ReadGraph(reader.Message())); break;
                case 7: reader.Floats(attribute.Floats); break;
                case 8: reader.Integers(attribute.Integers); break;
                case 9: attribute.Texts.Add(reader.Text()); break;
                default: reader.Skip(); break;
            }
        }

        return attribute;
    }

    private OnnxTensor ReadTensor(ProtoReader reader)
    {
        CountName();
        var tensor = new OnnxTensor();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reader.Integers(tensor.Dims); break;
                case 2: tensor.DataType = reader.Integer(); break;
                case 3: throw new InvalidDataException("a tensor comes in segments, which no program writes");
                case 4: reader.Floats(tensor.Floats); break;
                case 5 or 7 or 11: reader.Integers(tensor.Integers); break;
                case 8: tensor.Name = reader.Text(); break;
                case 9: tensor.Raw = reader.Bytes(); break;
                case 10: reader.Doubles(tensor.Floats); break;
                case 13: ReadExternal(reader.Message(), tensor); break;
                case 14: tensor.IsExternal = reader.Integer() == 1; break;
                default: reader.Skip(); break;
            }
        }

        return tensor;
    }

    private static void ReadExternal(ProtoReader reader, OnnxTensor tensor)
    {
        (string key, string value) = ("", "");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: key = reader.Text(); break;
                case 2: value = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }

        switch (key)
        {
            case "location": tensor.Location = value; break;
            case "offset": tensor.Offset = value; break;
            case "length": tensor.Length = value; break;
            default: break;
        }
    }

    private OnnxValueInfo ReadValueInfo(ProtoReader reader)
    {
        CountName();
        string name = "";
        List<long?>? dims = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text(); break;
                case 2: dims = ReadType(reader.Message()); break;
                default: reader.Skip(); break;
            }
        }

        return new OnnxValueInfo(name, dims);
    }

    // TypeProto.tensor_type = 1 { shape = 2 { dim = 1 { dim_value = 1 | dim_param = 2 } } }
    private static List<long?>? ReadType(ProtoReader type)
    {
        List<long?>? dims = null;
        while (type.Next())
        {
            if (type.Field != 1)
            {
                type.Skip();
                continue;
            }

            ProtoReader tensor = type.Message();
            while (tensor.Next())
            {
                if (tensor.Field == 2)
                {
                    dims = ReadShape(tensor.Message());
                }
                else
                {
                    tensor.Skip();
                }
            }
        }

        return dims;
    }

    private static List<long?> ReadShape(ProtoReader shape)
    {
        List<long?> dims = [];
        while (shape.Next())
        {
            if (shape.Field != 1)
            {
                shape.Skip();
                continue;
            }

            ProtoReader dim = shape.Message();
            long? size = null;
            while (dim.Next())
            {
                if (dim.Field == 1)
                {
                    long value = dim.Integer();
                    size = value > 0 ? value : null;
                }
                else
                {
                    dim.Skip();
                }
            }

            dims.Add(size);
        }

        return dims;
    }

    // Two bytes of a hostile file can make an object of a hundred: their number is limited.
    private void CountName()
    {
        if (++_named > MaxNamed)
        {
            throw new InvalidDataException($"more than {MaxNamed} nodes, attributes and tensors, the limit");
        }
    }
}

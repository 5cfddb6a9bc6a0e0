// The operators of TensorFlow Lite by their codes, and what to say of those that are not read.

namespace EdgeLstm.Import.TfLite;

/// <summary>Operators that are read; the numbers are those of the schema's BuiltinOperator.</summary>
internal enum TfLiteCode
{
    Add = 0,
    Dequantize = 6,
    FullyConnected = 9,
    Logistic = 14,
    Mul = 18,
    Relu = 19,
    ReluN1To1 = 20,
    Relu6 = 21,
    Reshape = 22,
    Softmax = 25,
    Tanh = 28,
    Custom = 32,
    UnidirectionalSequenceRnn = 35,
    Transpose = 39,
    Sub = 41,
    Div = 42,
    Squeeze = 43,
    UnidirectionalSequenceLstm = 44,
    StridedSlice = 45,
    Exp = 47,
    ExpandDims = 70,
    LeakyRelu = 98,
    Elu = 111,
    Gelu = 150,
    Relu0To1 = 152,
}

/// <summary>Names and advice.</summary>
internal static class TfLiteOperators
{
    private const string Rebuild =
        "the converter has not fused the LSTM: convert from a function of fixed shape, tf.TensorSpec([1, T, features]), and "
        + "without unroll, so that it becomes one UNIDIRECTIONAL_SEQUENCE_LSTM; or import the Keras file itself";

    // BuiltinOperator 0 to 161.
    private static readonly string[] Names = (
        "ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR "
        + "FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION "
        + "LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH "
        + "CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER "
        + "BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE "
        + "BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM "
        + "ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE TILE "
        + "EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK LOGICAL_OR "
        + "ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD RANGE "
        + "RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N GATHER_ND "
        + "COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE "
        + "NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL "
        + "PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE "
        + "HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE "
        + "BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU DYNAMIC_UPDATE_SLICE RELU_0_TO_1 "
        + "UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 "
        + "UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT").Split(' ');

    // TensorType 0 to 17.
    private static readonly string[] Types = (
        "float32 float16 int32 uint8 int64 string bool int16 complex64 int8 float64 complex128 uint64 resource variant uint32 "
        + "uint16 int4").Split(' ');

    /// <summary>The schema's name of an operator, or its number.</summary>
    public static string Name(int code) => (uint)code < (uint)Names.Length ? Names[code] : $"builtin operator {code}";

    /// <summary>The schema's name of a type, or its number.</summary>
    public static string Type(int type) => (uint)type < (uint)Types.Length ? Types[type] : $"type {type}";

    /// <summary>Why an operator is not read, and what to do.</summary>
    /// <param name="name">Its name; of a custom one the name its author gave it.</param>
    public static string Why(string name) => name switch
    {
        "BIDIRECTIONAL_SEQUENCE_LSTM" or "BIDIRECTIONAL_SEQUENCE_RNN" or "REVERSE_V2" or "REVERSE_SEQUENCE" =>
            "reads the samples backward, from one not yet measured; expected a network that runs forward",
        "WHILE" or "IF" or "CALL" or "CALL_ONCE" or "UNPACK" or "PACK" or "SPLIT" or "SPLIT_V" or "VAR_HANDLE" or "READ_VARIABLE"
            or "ASSIGN_VARIABLE" or "DYNAMIC_UPDATE_SLICE" => $"is not supported: {Rebuild}",
        "LSTM" or "RNN" => "is a single step of a cell, which is not supported: convert the layer over a sequence, of length 1 "
            + "if need be, so that it becomes one UNIDIRECTIONAL_SEQUENCE operator",
        "SVDF" => "is not supported; expected an LSTM or RNN over a sequence",
        "EMBEDDING_LOOKUP" or "EMBEDDING_LOOKUP_SPARSE" or "GATHER" or "CONCAT_EMBEDDINGS" or "HASHTABLE_LOOKUP" =>
            "reads numbers of table rows, not measured values; expected a network without an embedding",
        "QUANTIZE" or "FAKE_QUANT" or "DENSIFY" =>
            "is of a quantised or sparse model; expected float32: convert without converter.optimizations",
        "CONCATENATION" or "ADD_N" or "MEAN" or "SUM" => "joins what a chain of layers does not have: several values or steps",
        _ when name.StartsWith("Flex", StringComparison.Ordinal) => $"is not supported: {Rebuild}",
        _ => "is not supported; expected LSTM, RNN or dense layers, their activations, and the shape operators between them",
    };
}

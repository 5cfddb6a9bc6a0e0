// Every file of fixtures/gen/bad is refused with its fault, soon and in little memory.

using System.Diagnostics;
using EdgeLstm.Core.Models;

namespace EdgeLstm.Import.Tests.Hostile;

public sealed class BadFilesTests
{
    private const long MaxBytes = 64 << 20;

    // A guard against hanging, not a measurement.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(1);

    // Words that the message must have, in whatever case; alternatives are separated by '|'.
    private static readonly Dictionary<string, string[]> Faults = new()
    {
        ["bad_lstm.json"] = [],
        ["h5_btree_loop.h5"] = ["B-tree", "loop"],
        ["h5_gheap_size.h5"] = ["model_config", "global heap", "outside"],
        ["h5_heap_oob.h5"] = ["local heap", "outside"],
        ["h5_is_pickle.h5"] = ["pickle"],
        ["h5_lfs_pointer.h5"] = ["Git LFS", "fetch", "123456"],
        ["json_ragged.json"] = ["8", "7"],
        ["keras_no_weights.keras"] = ["model.weights.h5"],
        ["onnx_ext_missing.onnx"] = ["not beside"],
        ["onnx_ext_traversal.onnx"] = ["beside or below"],
        ["onnx_shape_mismatch.onnx"] = [],
        ["onnx_truncated.onnx"] = ["cut off|ends"],
        ["onnx_varint_overflow.onnx"] = ["varint|64 bits"],
        ["pt_bigendian.pt"] = ["big"],
        ["pt_billion_laughs.pt"] = [],
        ["pt_inst_opcode.pt"] = ["INST|opcode|posix"],
        ["pt_neg_offset.pt"] = ["offset|outside"],
        ["pt_neg_stride.pt"] = ["stride"],
        ["pt_no_stop.pt"] = ["STOP|ends|cut off"],
        ["pt_oob_size.pt"] = ["outside|beyond|storage"],
        ["pt_path_traversal.pt"] = [".."],
        ["pt_stack_underflow.pt"] = ["stack"],
        ["pt_two_data_pkl.pt"] = ["data.pkl"],
        ["pt_unknown_opcode.pt"] = ["opcode", "F7"],
        ["pt_zero_stride_bomb.pt"] = [],
        ["pt_zip_bomb.pt"] = [],
        ["st_alias.safetensors"] = [],
        ["st_bad_dtype.safetensors"] = ["Q99"],
        ["st_deep_json.safetensors"] = [],
        ["st_dup_key.safetensors"] = ["twice|duplicate|two"],
        ["st_empty.safetensors"] = ["empty|0 bytes"],
        ["st_float_offset.safetensors"] = ["offsets"],
        ["st_header_huge.safetensors"] = ["header"],
        ["st_header_past_eof.safetensors"] = ["header"],
        ["st_leading_space.safetensors"] = ["{"],
        ["st_nan_weights.safetensors"] = ["finite|NaN"],
        ["st_negative.safetensors"] = ["-8|offsets"],
        ["st_not_utf8.safetensors"] = [],
        ["st_overflow.safetensors"] = ["4294967296|shape"],
        ["st_overlap.safetensors"] = [],
        ["st_reversed.safetensors"] = ["offsets"],
        ["st_trailing.safetensors"] = [],
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [SkippableTheory]
    [MemberData(nameof(Names))]
    public void It_is_refused_with_its_fault_soon_and_in_little_memory(string name)
    {
        string path = Fixture.Path($"gen/bad/{name}");
        long start = Stopwatch.GetTimestamp();
        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.Throws<ModelFileException>(() => Read(path)).Message;
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, MaxTime);
        Assert.InRange(bytes, 0, MaxBytes);
        Assert.StartsWith(path, message, StringComparison.Ordinal);
        string fault = message[path.Length..];
        Assert.All(Faults[name], words => Assert.True(
            Array.Exists(words.Split('|'), word => fault.Contains(word, StringComparison.OrdinalIgnoreCase)),
            $"'{words}' expected in:{fault}"));
    }

    [SkippableFact]
    public void No_file_of_the_folder_is_missing_in_the_table()
    {
        string folder = Path.GetDirectoryName(Fixture.Path("gen/bad/st_empty.safetensors"))!;
        Assert.Equal(Directory.GetFiles(folder).Select(Path.GetFileName).Order(), Faults.Keys.Order());
    }

    private static ImportedModel Read(string path) => ModelImporter.Read(SourceFile.Open(path), ImportOptions.None);
}

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
        ["bad_lstm.json"] = ["16 outputs", "20"],
        ["h5_btree_loop.h5"] = ["B-tree", "loop"],
        ["h5_gheap_size.h5"] = ["model_config", "global heap", "outside"],
        ["h5_heap_oob.h5"] = ["local heap", "outside"],
        ["h5_is_pickle.h5"] = ["bare pickle"],
        ["h5_lfs_pointer.h5"] = ["Git LFS", "fetch"],
        ["json_ragged.json"] = ["ragged", "array of 7", "array of 8"],
        ["keras_no_weights.keras"] = ["holds no 'model.weights.h5'"],
        ["onnx_ext_missing.onnx"] = ["not beside"],
        ["onnx_ext_traversal.onnx"] = ["beside or below"],
        ["onnx_shape_mismatch.onnx"] = ["1280 bytes", "[999, 64, 5]", "1278720"],
        ["onnx_truncated.onnx"] = ["breaks off", "2386"],
        ["onnx_varint_overflow.onnx"] = ["protocol buffer", "damaged", "byte 11 of 21"],
        ["pt_bigendian.pt"] = ["byteorder", "highest byte first"],
        ["pt_billion_laughs.pt"] = ["opcode LIST"],
        ["pt_inst_opcode.pt"] = ["opcode STRING"],
        ["pt_neg_offset.pt"] = ["offset -1", "negative"],
        ["pt_neg_stride.pt"] = ["strides [-2, 1]", "negative"],
        ["pt_no_stop.pt"] = ["STOP"],
        ["pt_oob_size.pt"] = ["[100, 100]", "storage"],
        ["pt_path_traversal.pt"] = [".."],
        ["pt_stack_underflow.pt"] = ["empty stack"],
        ["pt_two_data_pkl.pt"] = ["2 entries data.pkl"],
        ["pt_unknown_opcode.pt"] = ["opcode 0xF7"],
        ["pt_zero_stride_bomb.pt"] = ["2147483648", "storage"],
        ["pt_zip_bomb.pt"] = ["compressed"],
        ["st_alias.safetensors"] = ["'b'", "inside the tensor before it"],
        ["st_bad_dtype.safetensors"] = ["'Q99'"],
        ["st_deep_json.safetensors"] = ["'a' must be an object"],
        ["st_dup_key.safetensors"] = ["twice"],
        ["st_empty.safetensors"] = ["empty"],
        ["st_float_offset.safetensors"] = ["data_offsets", "whole numbers"],
        ["st_header_huge.safetensors"] = ["9223372036854775808 bytes", "69"],
        ["st_header_past_eof.safetensors"] = ["5000 bytes", "69"],
        ["st_leading_space.safetensors"] = ["does not start with '{'"],
        ["st_nan_weights.safetensors"] = ["lstm.weight_ih_l0", "NaN", "finite"],
        ["st_negative.safetensors"] = ["data_offsets", "0 or more"],
        ["st_not_utf8.safetensors"] = ["UTF-8"],
        ["st_overflow.safetensors"] = ["[4294967296, 4294967296]"],
        ["st_overlap.safetensors"] = ["'b' begins at byte 4"],
        ["st_reversed.safetensors"] = ["ends at byte 0", "beginning at 8"],
        ["st_trailing.safetensors"] = ["4 bytes after the last tensor"],
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

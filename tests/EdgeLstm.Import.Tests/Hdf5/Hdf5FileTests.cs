// The HDF5 reader against small files that h5py wrote (data/make.py says what is in them).

using System.Buffers.Binary;
using EdgeLstm.Core.Models;
using EdgeLstm.Import.Hdf5;

namespace EdgeLstm.Import.Tests.Hdf5;

public sealed class Hdf5FileTests
{
    private static string Folder => Path.Combine(Fixture.Root, "tests", "EdgeLstm.Import.Tests", "Hdf5", "data");

    public static TheoryData<string> NumberTypes => ["le_f2", "le_f4", "le_f8", "be_f2", "be_f4", "be_f8"];

    public static TheoryData<string> IntegerTypes => ["le_i2", "be_i4", "le_i1", "le_i8"];

    [Theory]
    [MemberData(nameof(NumberTypes))]
    public void Floats_of_every_size_and_byte_order_are_equal(string name)
    {
        SourceTensor tensor = Dataset("types.h5", $"numbers/{name}").Read();
        Assert.Equal([3, 5], tensor.Shape);
        Assert.Equal(Ramp(15), tensor.Values);
        Assert.Equal($"/numbers/{name}", tensor.Name);
    }

    [Theory]
    [MemberData(nameof(IntegerTypes))]
    public void Integers_are_read_with_their_sign(string name) =>
        Assert.Equal(
            Enumerable.Range(-7, 15).Select(value => (float)value), Dataset("types.h5", $"numbers/{name}").Read().Values);

    [Fact]
    public void Elements_that_are_not_in_the_file_are_the_fill_value()
    {
        Assert.Equal(new float[6], Dataset("types.h5", "unwritten").Read().Values);
        Assert.Equal(Enumerable.Repeat(-0.5f, 6), Dataset("types.h5", "filled").Read().Values);
        Assert.Equal([3, 3, 1, 2, 3, 3], Dataset("chunks.h5", "holes").Read().Values);
        Assert.Equal(new float[6], Dataset("chunks.h5", "none").Read().Values);
    }

    [Fact]
    public void Scalars_empty_and_compact_datasets_are_read()
    {
        Assert.Empty(Dataset("types.h5", "scalar").Shape);
        Assert.Equal([2.5f], Dataset("types.h5", "scalar").Read().Values);
        Assert.Equal([0, 4], Dataset("types.h5", "empty").Shape);
        Assert.Empty(Dataset("types.h5", "empty").Read().Values);
        Assert.Equal(Ramp(4), Dataset("types.h5", "compact").Read().Values);
    }

    [Fact]
    public void A_group_of_many_links_has_them_all_in_order()
    {
        Hdf5Group many = Open("types.h5").Group("many")!;
        Assert.Equal(Enumerable.Range(0, 180).Select(k => $"{k:d3}"), many.Names);
        Assert.Equal([2.5f], many.Dataset("179")!.Read().Values);
    }

    [Theory]
    [InlineData("plain", 7)]
    [InlineData("gzip", 5, 7)]
    [InlineData("shuffle", 5, 7)]
    [InlineData("all", 3, 4, 5)]
    [InlineData("growing", 4, 2)]
    public void Chunks_are_put_together_through_every_filter(string name, params int[] shape)
    {
        SourceTensor tensor = Dataset("chunks.h5", name).Read();
        Assert.Equal(shape, tensor.Shape);
        Assert.Equal(Ramp(tensor.Values.Length), tensor.Values);
    }

    [Fact]
    public void A_changed_byte_in_a_chunk_with_a_checksum_is_found()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "chunks.h5"));
        int zlib = bytes.AsSpan().LastIndexOf((byte[])[0x78, 0x5e]);
        zlib = zlib > 0 ? zlib : bytes.AsSpan().LastIndexOf((byte[])[0x78, 0x9c]);
        Assert.True(zlib > 0);
        bytes[zlib + 12] ^= 0x10;
        Hdf5Group root = Hdf5File.Open(new SourceFile("changed.h5", bytes));
        string[] names = ["gzip", "all"];
        Assert.Contains(names, name => Record.Exception(() => root.Dataset(name)!.Read()) is ModelFileException);
    }

    [Fact]
    public void Texts_of_fixed_and_variable_length_are_read_from_attributes()
    {
        Hdf5Group root = Open("texts.h5");
        Assert.Equal("lstm_1", root.Text("fixed"));
        Assert.Equal("Größe °C", root.Text("variable"));
        Assert.Equal(string.Concat(Enumerable.Repeat("0123456789", 60)), root.Text("long"));
        Assert.Equal("ab", root.Text("zero_ends"));
        Assert.Equal("ab", root.Text("spaces"));
        Assert.Equal(["kernel:0", "bias:0"], root.Texts("fixed_array")!);
        Assert.Equal(["kernel:0", "recurrent_kernel:0", ""], root.Texts("variable_array")!);
        Assert.Empty(root.Texts("empty_array")!);
        Assert.Equal(["lstm_1"], root.Texts("fixed")!);
    }

    [Fact]
    public void Numbers_are_read_from_attributes()
    {
        Hdf5Group root = Open("texts.h5");
        Assert.Equal(2.5, root.Number("number"));
        Assert.Equal(-3, root.Number("whole"));
        Assert.Equal(7, root.Number("one_of_array"));
    }

    [Fact]
    public void What_is_absent_is_null()
    {
        Hdf5Group root = Open("texts.h5");
        Assert.Null(root.Text("no_such"));
        Assert.Null(root.Texts("no_such"));
        Assert.Null(root.Number("no_such"));
        Assert.Null(root.Number("nothing"));
        Assert.Null(root.Group("no/such"));
        Assert.Null(root.Dataset("no/such"));
        Assert.Null(root.Group("fixed"));
        Assert.Null(Open("types.h5").Dataset("numbers"));
    }

    [Fact]
    public void An_attribute_of_another_type_is_refused_with_what_it_is()
    {
        Hdf5Group root = Open("texts.h5");
        Refused(() => root.Text("number"), "attribute 'number'", "float64", "expected texts");
        Refused(() => root.Number("fixed"), "attribute 'fixed'", "text of 6 bytes", "expected one number");
        Refused(() => root.Number("two"), "attribute 'two'", "[2]", "expected one number");
        Refused(() => root.Text("fixed_array"), "attribute 'fixed_array'", "expected one text");
    }

    [Fact]
    public void Texts_of_fixed_and_variable_length_are_read_from_datasets()
    {
        Assert.Equal(["one", "two"], Dataset("texts.h5", "fixed").ReadTexts());
        Assert.Equal(["eins", "zwei", "drei"], Dataset("texts.h5", "variable").ReadTexts());
        Refused(() => Dataset("texts.h5", "fixed").Read(), "/fixed", "expected numbers");
        Refused(() => Dataset("types.h5", "scalar").ReadTexts(), "/scalar", "expected texts");
    }

    [Fact]
    public void A_user_block_may_stand_in_front()
    {
        Assert.True(Hdf5File.Recognises(File.ReadAllBytes(Path.Combine(Folder, "userblock.h5"))));
        Assert.Equal(Ramp(3), Dataset("userblock.h5", "x").Read().Values);
    }

    [Fact]
    public void A_user_block_that_was_put_in_front_later_shifts_all_addresses()
    {
        byte[] shifted = [.. new byte[2048], .. File.ReadAllBytes(Path.Combine(Folder, "types.h5"))];
        Assert.Equal(Ramp(4), Hdf5File.Open(new SourceFile("shifted.h5", shifted)).Dataset("compact")!.Read().Values);
    }

    [Theory]
    [InlineData("soft", "soft link")]
    [InlineData("of_named_type", "committed")]
    [InlineData("compound", "compound")]
    [InlineData("lzf", "lzf")]
    [InlineData("outside", "external file")]
    [InlineData("boolean", "enumeration")]
    [InlineData("ragged", "sequence of variable length")]
    public void What_is_not_read_is_refused_by_its_name(string name, string reason) =>
        Refused(() => Dataset("refused.h5", name).Read(), "refused.h5", $"/{name}", reason);

    [Fact]
    public void A_group_that_contains_itself_is_refused() =>
        Refused(() => Open("refused.h5").Group("round/about/again"), "/round/about/again", "loop", "/round");

    [Theory]
    [InlineData("latest.h5", "superblock version 3", "libver")]
    [InlineData("tracked.h5", "version 2", "track_order")]
    [InlineData("external_link.h5", "external", "libver")]
    public void Newer_forms_are_refused_by_their_version(string file, string found, string action) =>
        Refused(() => Open(file).Dataset("x"), file, found, action);

    [Fact]
    public void A_file_that_is_cut_off_says_so()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "texts.h5"));
        Refused(() => Hdf5File.Open(new SourceFile("cut.h5", bytes[..^10])), "cut.h5", "cut off", $"{bytes.Length - 10} bytes");
    }

    [Fact]
    public void Another_file_is_not_recognised_and_refused()
    {
        Assert.False(Hdf5File.Recognises("PK"u8));
        Assert.False(Hdf5File.Recognises(new byte[5000]));
        Refused(() => Hdf5File.Open(new SourceFile("x.h5", new byte[5000])), "x.h5", "no HDF5 file");
    }

    [Fact]
    public void A_pointer_of_Git_LFS_is_refused_with_what_to_do()
    {
        byte[] pointer = [.. "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 123456\n"u8];
        Assert.True(LfsPointer.Recognises(pointer));
        Assert.False(LfsPointer.Recognises("version 1"u8));
        Refused(() => Hdf5File.Open(new SourceFile("x.h5", pointer)), "x.h5", "Git LFS pointer", "123456", "git lfs pull");
    }

    [Fact]
    public void A_chunk_that_unpacks_to_more_than_its_size_is_refused()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "chunks.h5"));

        // The layout of 'gzip': version 3, chunked, 3 numbers, B-tree address, then 2, 4 and the element's 4 bytes.
        int layout = bytes.AsSpan().IndexOf((byte[])[2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(layout), 1);
        Hdf5Group root = Hdf5File.Open(new SourceFile("bomb.h5", bytes));
        Refused(() => root.Dataset("gzip")!.Read(), "/gzip", "more than 16");
    }

    [Fact]
    public void A_small_file_cannot_ask_for_much_memory()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(Folder, "types.h5"));

        // The first shape of 2 × 3, of a dataset that was never written: now 20,000 × 20,000 elements that are not in the file.
        int shape = 8 + bytes.AsSpan().IndexOf((byte[])[1, 2, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(shape), 20000);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(shape + 8), 20000);
        Hdf5Group root = Hdf5File.Open(new SourceFile("large.h5", bytes));
        string name = root.Dataset("filled")!.Shape[0] == 20000 ? "filled" : "unwritten";
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(() => root.Dataset(name)!.Read(), name, "justifies");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static Hdf5Group Open(string file) => Hdf5File.Open(SourceFile.Open(Path.Combine(Folder, file)));

    private static Hdf5Dataset Dataset(string file, string path) =>
        Open(file).Dataset(path) ?? throw new InvalidOperationException($"{file} has no dataset {path}");

    private static float[] Ramp(int count)
    {
        float[] values = new float[count];
        for (int k = 0; k < count; k++)
        {
            values[k] = (k / 8f) - 1;
        }

        return values;
    }

    private static void Refused(Action read, params string[] words)
    {
        string message = Assert.Throws<ModelFileException>(read).Message;
        Assert.All(words, word => Assert.Contains(word, message, StringComparison.Ordinal));
    }
}

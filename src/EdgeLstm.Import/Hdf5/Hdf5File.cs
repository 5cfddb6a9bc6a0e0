// Reads the part of HDF5 that Keras writes: the format of the libraries before 1.8, which h5py still writes by default.
//
// A file is a superblock and blocks that point at each other by address (offset from the superblock; all ones: none).
// O is an address, L a length, both of 8 bytes here as a rule; numbers are little endian.
//
//   superblock v0   89 'HDF' 0d 0a 1a 0a, at offset 0, 512, 1024, … behind a user block; 5 version bytes, size of O, size of L,
//                   reserved, leaf K u16, internal K u16, flags u32, (v1: 4 bytes more), base O, free space O, end of file O,
//                   driver O, root: a symbol table entry
//   symbol entry    name L (offset in the local heap), object header O, cache u32 (2: soft link), reserved u32, scratch 16
//   object header   version 1, reserved, messages u16, references u32, size u32, 4 pad, then messages
//     message       type u16, size u16, flags u8 (2: shared), 3 reserved, data; type 16 is a continuation: address O, length L
//   group           message 17: B-tree O, local heap O. B-tree leaves are 'SNOD' version 1, reserved, count u16, symbol entries
//     B-tree v1     'TREE', type u8 (0 group, 1 chunks), level u8, children u16, left O, right O, key, child O, key, …, key
//     local heap    'HEAP', version 0, 3 reserved, size L, free L, data O; names end with 00
//   attribute       message 12: version, reserved, sizes u16 of name, datatype, dataspace; the three (v1: padded to 8 each); data
//   dataspace       message 1: version, rank, flags, (v1: 5 reserved; v2: kind u8), sizes L each, (flags & 1: maximal sizes)
//   datatype        message 3: class and version in one byte, 3 bytes of bits, size u32, properties:
//                   0 integer, 1 float (byte order in bit 0), 3 string of fixed length, 9 string of variable length
//   variable text   length u32, global heap O, index u32; 'GCOL', version 1, 3 reserved, size L, then objects:
//                   index u16, references u16, reserved u32, size L, data padded to 8; index 0 is the free rest
//   dataset         messages 1 and 3, layout 8 (version 3: 0 in the header, 1 in one piece, 2 in chunks), fill 5, filters 11
//     chunks        rank + 1 u8, B-tree O, sizes u32 each, element size u32; key: stored size u32, mask of skipped filters u32,
//                   offsets u64 each and one 0; filters are undone last to first: 1 deflate, 2 shuffle, 3 Fletcher checksum
//
// HDF5 File Format Specification, version 1.1 to 3.0, The HDF Group.

using System.Buffers.Binary;

namespace EdgeLstm.Import.Hdf5;

/// <summary>Opens HDF5 files.</summary>
/// <remarks>Nothing is walked before it is asked for; <see cref="Hdf5Source"/> bounds the memory.</remarks>
internal static class Hdf5File
{
    private const int FirstUserBlock = 512;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a];

    /// <summary>Whether the bytes are an HDF5 file, of whatever version.</summary>
    public static bool Recognises(ReadOnlySpan<byte> bytes) => FindStart(bytes) >= 0;

    /// <summary>The root group.</summary>
    /// <exception cref="Core.Models.ModelFileException">It is no HDF5 file, is cut off, or of a version that is not
    /// read.</exception>
    public static Hdf5Group Open(SourceFile file)
    {
        int start = FindStart(file.Bytes);
        if (start < 0)
        {
            throw LfsPointer.Recognises(file.Bytes)
                ? LfsPointer.Refuse(file)
                : file.Refuse("is no HDF5 file: it does not begin with the signature of HDF5");
        }

        Hdf5Source source = new(file, start);
        Hdf5Cursor block = source.At(8, "/", "superblock");
        int version = block.Byte();
        if (version > 1)
        {
            throw file.Refuse($"is HDF5 with superblock version {version}; only versions 0 and 1 are read: write it with h5py's"
                + " default libver ('earliest'), not 'latest'");
        }

        ReadSizes(ref block, source, version);
        return ReadRoot(ref block, source);
    }

    private static int FindStart(ReadOnlySpan<byte> bytes)
    {
        for (long start = 0; start <= bytes.Length - Signature.Length; start = Math.Max(FirstUserBlock, start * 2))
        {
            if (bytes[(int)start..].StartsWith(Signature))
            {
                return (int)start;
            }
        }

        return -1;
    }

    private static void ReadSizes(ref Hdf5Cursor block, Hdf5Source source, int version)
    {
        block.Take(4);
        source.OffsetSize = block.Byte();
        source.LengthSize = block.Byte();
        if (source.OffsetSize is not (2 or 4 or 8) || source.LengthSize is not (2 or 4 or 8))
        {
            throw source.File.Refuse($"is HDF5 with addresses of {source.OffsetSize} and lengths of {source.LengthSize} bytes;"
                + " expected 2, 4 or 8");
        }

        block.Take(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0));
    }

    private static Hdf5Group ReadRoot(ref Hdf5Cursor block, Hdf5Source source)
    {
        long declaredBase = block.Address();
        block.Address();
        long end = block.Address();
        block.Address();

        // The address of the end counts from the base that the file declares, which a user block put in front later shifts.
        long bytes = end - Math.Max(0, declaredBase);
        if (bytes > source.Size)
        {
            throw source.File.Refuse($"is cut off: {source.Size} bytes of HDF5 where its superblock says {bytes};"
                + " fetch it again");
        }

        block.Length();
        return new Hdf5Group(source, block.Address(), "/", null);
    }

    /// <summary>The value of a fixed number of bytes, all ones as −1.</summary>
    internal static long Number(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        2 => BinaryPrimitives.ReadInt16LittleEndian(bytes) is -1 ? -1 : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        4 => BinaryPrimitives.ReadInt32LittleEndian(bytes) is -1 ? -1 : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };
}

// The write-ahead log beside the database, read from outside to count what a checkpoint writes; see sqlite.org/walformat.html.
//
//     header [32]: …, salt [8] at 16      frame: page number u32 | … u32 | salt [8] | checksum [8] | page [4096]      big endian

using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace EdgeLstm.Worker.Outbox;

/// <summary>The log of one open outbox. SQLite locks the database, never the log: another descriptor on it is harmless.</summary>
/// <param name="path">The log, which may not exist yet.</param>
internal sealed class LogFile(string path) : IDisposable
{
    private const int HeaderBytes = 32;
    private const int SaltBytes = 8;
    private readonly HashSet<uint> _pages = [];
    private SafeFileHandle? _file;

    /// <summary>Distinct pages in the log: those that a checkpoint copies, each once however often it was logged.</summary>
    /// <param name="frames">Frames the log holds at most.</param>
    public int CountPages(int frames)
    {
        _pages.Clear();
        try
        {
            _file ??= File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            AddPages(_file, frames);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A count that is too low is no reason to do without the outbox.
        }

        return _pages.Count;
    }

    public void Dispose() => _file?.Dispose();

    private void AddPages(SafeFileHandle file, int frames)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (RandomAccess.Read(file, header, 0) < HeaderBytes)
        {
            return;
        }

        Span<byte> frame = stackalloc byte[OutboxFile.FrameBytes - OutboxFile.PageBytes];
        for (int i = 0; i < frames; i++)
        {
            long offset = HeaderBytes + (i * (long)OutboxFile.FrameBytes);
            if (RandomAccess.Read(file, frame, offset) < frame.Length
                || !frame.Slice(8, SaltBytes).SequenceEqual(header.Slice(16, SaltBytes)))
            {
                return;
            }

            _pages.Add(BinaryPrimitives.ReadUInt32BigEndian(frame));
        }
    }
}

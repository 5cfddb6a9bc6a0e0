// Safetensors files as a careless or hostile program would write them: any header text, any data.

using System.Buffers.Binary;
using System.Text;

namespace EdgeLstm.Core.Tests.Models;

internal static class RawSafetensors
{
    public static byte[] Bytes(string header, params byte[] data) => Bytes(Encoding.UTF8.GetBytes(header), data);

    public static byte[] Bytes(byte[] header, params byte[] data)
    {
        byte[] file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header.Length);
        header.CopyTo(file, 8);
        data.CopyTo(file, 8 + header.Length);
        return file;
    }

    /// <summary>The header entry of one tensor.</summary>
    public static string Entry(string name, string dtype, string shape, int begin, int end) =>
        $"\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}";
}

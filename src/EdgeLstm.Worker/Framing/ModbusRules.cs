// What must hold between the register blocks of a Modbus profile and its fields.

using EdgeLstm.Worker.Configuration;

namespace EdgeLstm.Worker.Framing;

/// <summary>The rules of a <see cref="ModbusProfile"/>.</summary>
internal static class ModbusRules
{
    /// <summary>Blocks of a profile at most; one request each.</summary>
    public const int BlockLimit = 64;

    /// <summary>Bytes of a record at most: those of 16 full blocks.</summary>
    public const int RecordByteLimit = 4000;

    private const int RegisterSpace = 65536;

    public static void Check(SensorProfile profile, ProblemList problems)
    {
        if (profile.TransportOrSerial is not { Kind: "modbus", Modbus: { } modbus })
        {
            return;
        }

        if (modbus.Blocks.Count is 0 or > BlockLimit)
        {
            problems.Add("transport.modbus.blocks", $"must have 1 to {BlockLimit} entries; got {modbus.Blocks.Count}");
        }

        for (int i = 0; i < modbus.Blocks.Count; i++)
        {
            ModbusBlock block = modbus.Blocks[i];
            if (block.Start + block.Count > RegisterSpace)
            {
                problems.Add($"transport.modbus.blocks[{i}].count",
                    $"reaches beyond register 65535: at most {RegisterSpace - block.Start} from {block.Start}; got "
                    + $"{block.Count}");
            }
        }

        int bytes = modbus.Blocks.Sum(block => 2 * block.Count);
        if (bytes > RecordByteLimit)
        {
            problems.Add("transport.modbus.blocks",
                $"must be {RecordByteLimit / 2} registers at most together; got {bytes / 2}: make several profiles of it");
        }

        CheckFields(profile.FramingOrValues, bytes, problems);
    }

    private static void CheckFields(FramingProfile framing, int bytes, ProblemList problems)
    {
        int end = 0;
        for (int i = 0; i < framing.Fields?.Count; i++)
        {
            FieldProfile field = framing.Fields[i];
            int start = field.At ?? end;
            end = start + BinaryField.WidthOf(field.Type);
            if (end > bytes)
            {
                problems.Add($"framing.fields[{i}]",
                    $"ends at byte {end} of a record of {bytes}: 2 for each register of transport.modbus.blocks");
            }

            if (BinaryField.WidthOf(field.Type) == 2 && (field.ByteOrder ?? framing.ByteOrder) == "little")
            {
                problems.Add(field.ByteOrder is null ? "framing.byteOrder" : $"framing.fields[{i}].byteOrder",
                    $"must be big, cdab or badc where a register is a field ({field.Name ?? field.Type}): Modbus sends the high "
                    + "byte first");
            }
        }
    }
}

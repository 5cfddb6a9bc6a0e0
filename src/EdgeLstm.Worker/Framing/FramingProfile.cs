// How the bytes of a sensor node form records: lines of text, frames of bytes, or whole messages.

using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace EdgeLstm.Worker.Framing;

/// <summary>How the bytes form records.</summary>
public sealed record FramingProfile(
    [property: Description("Lines: csv, json-lines, plotter (Arduino's label:value lines), nmea (NMEA 0183). Binary records: "
        + "cobs, cobs-crc16 (cobs with CRC-16/CCITT-FALSE), slip, hdlc (0x7E and 0x7D), fixed, delimited, length-prefixed. Whole "
        + "messages of I2C, Modbus and MQTT: binary, json, number. values: numbers by name.")]
    [property: AllowedValues("csv", "json-lines", "plotter", "nmea", "cobs", "cobs-crc16", "slip", "hdlc", "fixed", "delimited",
        "length-prefixed", "binary", "json", "number", "values")]
    string Kind,
    [property: Description("csv: the character between fields.")]
    string Separator = ",",
    [property: Description("csv: true when the firmware sends a header line, which then says the order of the columns.")]
    bool Header = false,
    [property: Description("csv: names of all columns until a header is seen; nmea: names of the fields after the address. A "
        + "column named latitude or longitude is read with the one after it (N, S, E, W) into decimal degrees.")]
    IReadOnlyList<string>? Columns = null,
    [property: Description("nmea: the sentences to read: RMC from any talker, GPRMC from this one.")]
    string? Sentence = null,
    [property: Description("Binary records: the fields, in order.")]
    IReadOnlyList<FieldProfile>? Fields = null,
    [property: Description("Binary records: byte order of the fields. Of a 32-bit number ABCD big sends ABCD, little DCBA, cdab "
        + "its lower 16-bit word first, badc the bytes of each word swapped.")]
    [property: AllowedValues("little", "big", "cdab", "badc")]
    string ByteOrder = "little",
    [property: Description("Binary records: the checksum that follows the fields.")]
    ChecksumProfile? Checksum = null,
    [property: Description("fixed, length-prefixed: the bytes that every record starts with, such as [\"0x42\", \"0x4D\"].")]
    IReadOnlyList<HexNumber>? Start = null,
    [property: Description("delimited: the bytes that end every record and occur in none; fixed, length-prefixed: the bytes that "
        + "follow the fields and the checksum, where there are such.")]
    IReadOnlyList<HexNumber>? Delimiter = null,
    [property: Description("length-prefixed: where the record says its own length.")]
    LengthProfile? Length = null,
    [property: Description("Longest frame in bytes; 1024 for lines and 512 for binary records unless told.")]
    [property: Range(1, 65536)]
    int? MaxFrameBytes = null)
{
    /// <summary>The framing of sources that give values by name: float64 numbers in the order of the channels asked
    /// for.</summary>
    internal static FramingProfile Values { get; } = new("values");

    /// <summary>True for lines of text.</summary>
    [JsonIgnore]
    public bool IsText => Kind is "csv" or "json-lines" or "plotter" or "nmea";

    /// <summary>True for records with <see cref="Fields"/>.</summary>
    [JsonIgnore]
    public bool IsBinary =>
        Kind is "cobs" or "cobs-crc16" or "slip" or "hdlc" or "fixed" or "delimited" or "length-prefixed" or "binary";
}

/// <summary>One field of a binary record.</summary>
public sealed record FieldProfile(
    [property: Description("Type of the number.")]
    [property: AllowedValues("int8", "uint8", "int16", "uint16", "int24", "uint24", "int32", "uint32", "int64", "uint64",
        "float32", "float64")]
    string Type,
    [property: Description("Name, as a channel asks for it; a channel may also ask by 0-based index.")]
    string? Name = null,
    [property: Description("Byte where the field begins, counted from the first byte after the start bytes and the length; "
        + "after the field before it unless told.")]
    [property: Range(0, 65535)]
    int? At = null,
    [property: Description("Byte order, where it differs from the framing's.")]
    [property: AllowedValues("little", "big", "cdab", "badc")]
    string? ByteOrder = null,
    [property: Description("Bit field: its lowest bit, 0 for the number's lowest.")]
    [property: Range(0, 63)]
    int LowBit = 0,
    [property: Description("Bit field: its bits; signed where the type is. All from lowBit upwards unless told.")]
    [property: Range(1, 64)]
    int? Bits = null);

/// <summary>A checksum, by its parameters (Williams 1993, "A painless guide to CRC error detection algorithms").</summary>
public sealed record ChecksumProfile(
    [property: Description("crc-8, crc-16, crc-32 by polynomial; sum-8 and sum-16 (sum of the bytes), xor-8. A sum that makes "
        + "all bytes add up to 0 is sum-8 with initial and finalXor 0xFF.")]
    [property: AllowedValues("crc-8", "crc-16", "crc-32", "sum-8", "sum-16", "xor-8")]
    string Kind,
    [property: Description("crc: the polynomial without its highest term, as 0x1021.")]
    HexNumber? Polynomial = null,
    [property: Description("Value at the start.")]
    HexNumber? Initial = null,
    [property: Description("crc: lowest bit first, as Modbus and Ethernet have it.")]
    bool Reflected = false,
    [property: Description("Exclusive-or of the result.")]
    HexNumber? FinalXor = null,
    [property: Description("Byte order of the checksum itself.")]
    [property: AllowedValues("little", "big")]
    string ByteOrder = "little",
    [property: Description("fixed, length-prefixed: true when the start bytes (and the length) are summed up too.")]
    bool FromStart = false);

/// <summary>Where a record says its own length.</summary>
public sealed record LengthProfile(
    [property: Description("Type of the length; it follows the start bytes at once.")]
    [property: AllowedValues("uint8", "uint16", "uint32")]
    string Type = "uint8",
    [property: Description("Byte order of the length.")]
    [property: AllowedValues("little", "big")]
    string ByteOrder = "little",
    [property: Description("Bytes that the length counts beside the fields: 2 where it counts a CRC-16 too, 1 where it counts "
        + "itself.")]
    [property: Range(-64, 64)]
    int Beyond = 0);

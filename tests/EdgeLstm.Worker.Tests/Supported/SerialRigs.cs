// Emulated devices: serial lines. Records are written as sent, byte for byte; those of data sheets as they print them.

using System.Text;

namespace EdgeLstm.Worker.Tests.Supported;

internal static class SerialRigs
{
    private const double Exact = 1e-5;      // of float32 up to some tens
    private const double Degrees = 1e-5;    // of float32 near 50°: a metre on the ground

    public static IReadOnlyList<Func<SensorRig>> All { get; } =
    [
        () => new SerialRig(MachineTemperature), () => new SerialRig(Ecg), () => new SerialRig(Fan), () => new SerialRig(Weather),
        () => new SerialRig(Accelerometer), () => new SerialRig(GpsPosition), () => new SerialRig(GpsSpeed),
        () => new SerialRig(Pms5003), () => new SerialRig(Sds011), () => new SerialRig(TfminiS), () => new SerialRig(A02yyuw),
        () => new SerialRig(Ld2410), () => new SerialRig(Motor), () => new SerialRig(Tank), () => new SerialRig(JustFloat),
    ];

    // Text without a checksum: a digit lost from a number alone on its line leaves a wrong number that only minimum and maximum
    // could tell. What is lost here is the line end, so that two numbers run into one that is none.
    private static SerialExample MachineTemperature => new(
        "machine-temperature-csv.json", "a line of the sketch", [("temperature", 23.45, 1e-5)],
        Text("23.45\r\n"), Text("23.4523.45\r\n"), Text("999.99\r\n"), Check: 0);

    private static SerialExample Ecg => new(
        "ecg-csv.json", "a line of the sketch", [("ecg", -0.123, 1e-6)], Text("-0.123\r\n"), Text("-0.123-0.123\r\n"),
        Text("-123.0\r\n"), Check: 0);

    // Cut so that the last field is missing.
    private static SerialExample Fan => new(
        "fan-plotter.json", "a line of the sketch", [("temperature", 41.5, 1e-4), ("speed", 1480 / 60.0, 1e-4)],
        Text("Motor Temp:41.50\trpm:1480\r\n"), Text("Motor Temp:41.50\r\n"), Text("Motor Temp:999.00\trpm:1480\r\n"), Check: 0);

    // Cut in the middle of the first key: the brackets no longer match.
    private static SerialExample Weather => new(
        "weather-json-lines.json", "a line of the script",
        [("temperature", 21.37, 1e-5), ("humidity", 48.2, 1e-5), ("battery", 3.92, 1e-5)],
        Text("{\"sht31\": {\"temperature\": 21.37, \"humidity\": 48.2}, \"battery_mv\": 3920}\n"),
        Text("{\"shrature\": 21.37, \"humidity\": 48.2}, \"battery_mv\": 3920}\n"),
        Text("{\"sht31\": {\"temperature\": 213.7, \"humidity\": -48.2}, \"battery_mv\": 3920}\n"), Check: 0);

    // Number 7 of a sensor that lies flat: 0, −12 and 256 counts.
    private static SerialExample Accelerometer => new(
        "accelerometer-cobs.json", "a record of the sketch: 0, −12 and 256 counts of 3.9 mg (ADXL345 data sheet, rev. G)",
        [("x", 0, Exact), ("y", -12 * 0.03824594, Exact), ("z", 256 * 0.03824594, Exact)],
        Hex("0207010103F4FF0401D87C00"), Hex("0207010103F4D87C00"), Hex("0207010103F4FF047DC3C300"), Check: 2);

    private static SerialExample GpsPosition => new(
        "gps-position-nmea.json", "u-blox's example of GGA, as NeoGPS and other parsers test it",
        [("latitude", 47 + (17.11399 / 60), Degrees), ("longitude", 8 + (33.91590 / 60), Degrees), ("altitude", 499.6, 1e-4),
            ("satellites", 8, 0)],
        Text("$GPGGA,092725.00,4717.11399,N,00833.91590,E,1,08,1.01,499.6,M,48.0,M,,*5B\r\n"),
        Text("$GPGGA,092725.00,4717.11399,N,0499.6,M,48.0,M,,*5B\r\n"),
        Text("$GPGGA,092725.00,9917.11399,N,00833.91590,E,1,08,1.01,99999.6,M,48.0,M,,*55\r\n"), Check: 3);

    private static SerialExample GpsSpeed => new(
        "gps-speed-nmea.json", "u-blox's example of RMC, as NeoGPS and other parsers test it",
        [("latitude", 47 + (17.11437 / 60), Degrees), ("longitude", 8 + (33.91522 / 60), Degrees), ("speed", 0.00205778, 1e-7),
            ("course", 77.52, 1e-4)],
        Text("$GPRMC,083559.00,A,4717.11437,N,00833.91522,E,0.004,77.52,091202,,,A*57\r\n"),
        Text("$GPRMC,083559.00,A,4717.11437,N,00004,77.52,091202,,,A*57\r\n"),
        Text("$GPRMC,083559.00,A,9917.11437,N,00833.91522,E,9999.9,77.52,091202,,,A*69\r\n"), Check: 3);

    // The data manual prints the layout, no example.
    private static SerialExample Pms5003 => new(
        "pms5003.json", "layout of the Plantower PMS5003 data manual (2016), Appendix I",
        [("pm1", 5, 0), ("pm2_5", 7, 0), ("pm10", 9, 0), ("particles", 8550, 0)],
        Hex("424D001C00050008000A000500070009035700F6002B000600020001970002F2"),
        Hex("424D001C00050008000A000500070009570002F2"),
        Hex("424D001C00050008000AEA60EA61EA62035700F6002B000600020001970006BE"), Check: 1);

    private static SerialExample Sds011 => new(
        "sds011.json", "a sensor's own packet; layout of the SDS011 data sheet V1.3",
        [("pm2_5", 14.0, Exact), ("pm10", 14.8, Exact)],
        Hex("AAC08C009400BCF9D5AB"), Hex("AAC08C00F9D5AB"), Hex("AAC060EA60EABCF949AB"), Check: 2);

    // What the sensor says when too little light comes back is the nonsense: −1.
    private static SerialExample TfminiS => new(
        "tfmini-s.json", "layout of the Benewake TFmini-S product manual A01, table 7",
        [("distance", 1.21, 1e-6), ("strength", 1000, 0), ("temperature", 38, 0)],
        Hex("59597900E80330094F"), Hex("59597930094F"), Hex("5959FFFFE8033009D4"), Check: 1);

    private static SerialExample A02yyuw => new(
        "a02yyuw.json", "DFRobot's A02YYUW (SEN0311) page: FF 07 A1 A7 is 1953 mm", [("distance", 1.953, 1e-6)],
        Hex("FF07A1A7"), Hex("FF07A7"), Hex("FF270F35"), Check: 1);

    private static SerialExample Ld2410 => new(
        "ld2410.json", "the example frame of the HLK-LD2410 serial protocol V1.02, 2.3.2",
        [("moving", 0, 0), ("moving_distance", 0.81, 1e-6), ("moving_energy", 0, 0), ("still", 1, 0), ("still_distance", 0, 0),
            ("still_energy", 59, 0)],
        Hex("F4F3F2F10D0002AA0251000000003B00005500F8F7F6F5"), Hex("F4F3F2F10D0002AA0251000000005500F8F7F6F5"),
        Hex("F4F3F2F10D0002AA025151C800003B00005500F8F7F6F5"), Check: 0);

    // −1.25 A, 12 V, 1472 turns a minute (0x05C0, which is stuffed), running, fault bits 0010.
    private static SerialExample Motor => new(
        "motor-slip.json", "a record of the profile's own layout",
        [("current", -1.25, 1e-6), ("voltage", 12, 1e-5), ("speed", 1472 / 60.0, 1e-5), ("running", 1, 0), ("faults", 2, 0)],
        Hex("C0FB1E2EE005DBDC253405C0"), Hex("C0FB1E2EDC253405C0"), Hex("C0FB1EEA6005DBDC255383C0"), Check: 2);

    // 1.277310 m (0x137D7E, both bytes stuffed), 21.50 °C, 12.6 V.
    private static SerialExample Tank => new(
        "tank-hdlc.json", "a record of the profile's own layout",
        [("level", 1.27731, 1e-6), ("temperature", 21.5, 1e-5), ("battery", 12.6, 1e-5)],
        Hex("7E7D5E7D5D1366087D5E6A037E"), Hex("7E7D5E7D5D137D5E6A037E"), Hex("7E8282EC66087D5EB5C27E"), Check: 2);

    private static SerialExample JustFloat => new(
        "justfloat.json", "three little-endian float32 and the tail of VOFA+'s JustFloat",
        [("channel0", 1.5, 0), ("channel1", -2.25, 0), ("channel2", 23.5, 0)],
        Hex("0000C03F000010C00000BC410000807F"), Hex("0000C03F000010C0410000807F"),
        Hex("0000C03F000010C0286B6E4E0000807F"), Check: 0);

    private static byte[] Text(string line) => Encoding.ASCII.GetBytes(line);

    private static byte[] Hex(string bytes) => Convert.FromHexString(bytes);
}

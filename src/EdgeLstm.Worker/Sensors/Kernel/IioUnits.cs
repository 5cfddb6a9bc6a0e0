// The units of IIO's channel types and the factors to ours.

namespace EdgeLstm.Worker.Sensors;

/// <summary>What (raw + offset) · scale, or <c>_input</c>, is measured in, by channel type.</summary>
/// <remarks>Source: Linux, Documentation/ABI/testing/sysfs-bus-iio.</remarks>
internal static class IioUnits
{
    private static readonly (string Type, double Factor)[] Types =
    [
        ("temp", 1e-3),                   // m°C → °C
        ("humidityrelative", 1e-3),       // m% → %
        ("pressure", 10),                 // kPa → hPa
        ("accel", 1),                     // m/s²
        ("gravity", 1),                   // m/s²
        ("anglvel", 180 / Math.PI),       // rad/s → °/s
        ("angl", 180 / Math.PI),          // rad → °
        ("phase", 180 / Math.PI),         // rad → °
        ("incli", 1),                     // °
        ("rot", 1),                       // °
        ("magn", 100),                    // G → µT
        ("voltage", 1e-3),                // mV → V
        ("altvoltage", 1e-3),             // mV → V
        ("current", 1e-3),                // mA → A
        ("power", 1e-3),                  // mW → W
        ("energy", 1),                    // J
        ("resistance", 1),                // Ω
        ("capacitance", 1),               // nF
        ("electricalconductivity", 1),    // S/m
        ("illuminance", 1),               // lx
        ("intensity", 1),                 // no unit
        ("uvindex", 1),                   // no unit
        ("proximity", 1),                 // m
        ("distance", 1),                  // m
        ("velocity", 1),                  // m/s
        ("concentration", 1),             // %
        ("massconcentration", 1),         // µg/m³
        ("ph", 1),                        // no unit
        ("positionrelative", 1e-3),       // m% → %
    ];

    /// <summary>Factor from the kernel's unit to ours; 1 for a type that is not in the table.</summary>
    public static double FactorOf(string type) => Types.FirstOrDefault(known => known.Type == type, (type, 1)).Item2;
}

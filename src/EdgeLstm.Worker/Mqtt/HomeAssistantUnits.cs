// The units Home Assistant knows: it refuses a device class with any other, so what is not in this table is sent without a unit.
//
// Source: homeassistant/const.py and the sensor documentation (device classes and their units).

namespace EdgeLstm.Worker.Mqtt;

/// <summary>How Home Assistant shows a figure.</summary>
/// <param name="Symbol">unit_of_measurement, exactly as Home Assistant writes it.</param>
/// <param name="DeviceClass">device_class, or null where the unit belongs to several.</param>
/// <param name="IsMeasurement">Whether <c>state_class: measurement</c> is allowed; it is refused for energy and volume.</param>
internal sealed record HomeAssistantUnit(string Symbol, string? DeviceClass, bool IsMeasurement = true);

internal static class HomeAssistantUnits
{
    private static readonly Dictionary<string, HomeAssistantUnit> Known = Build(
        ("temperature", true, "°C °F K"),
        ("pressure", true, "Pa hPa kPa bar mbar psi mmHg inHg"),
        ("voltage", true, "V mV µV kV"),
        ("current", true, "A mA"),
        ("power", true, "W kW mW MW"),
        ("apparent_power", true, "VA"),
        ("energy", false, "Wh kWh MWh J kJ MJ"),
        ("frequency", true, "Hz kHz MHz GHz"),
        ("illuminance", true, "lx"),
        ("irradiance", true, "W/m²"),
        ("speed", true, "m/s mm/s km/h mph kn ft/s"),
        ("distance", true, "mm cm m km in ft"),
        ("weight", true, "g kg mg µg"),
        ("volume", false, "L mL m³"),
        ("volume_flow_rate", true, "m³/h L/min"),
        ("duration", true, "d h min s ms"),
        ("sound_pressure", true, "dB dBA"),
        ("data_rate", true, "bit/s kbit/s Mbit/s B/s kB/s MB/s"),
        (null, true, "% ppm ppb ° rpm µg/m³ mg/m³ µS/cm"));

    private static readonly Dictionary<string, string> Spellings = new()
    {
        ["C"] = "°C",
        ["degC"] = "°C",
        ["celsius"] = "°C",
        ["F"] = "°F",
        ["degF"] = "°F",
        ["fahrenheit"] = "°F",
        ["kelvin"] = "K",
        ["lux"] = "lx",
        ["l/min"] = "L/min",
        ["l"] = "L",
        ["deg"] = "°",
        ["percent"] = "%",
        ["m3/h"] = "m³/h",
        ["m3"] = "m³",
        ["W/m2"] = "W/m²",
        ["ug/m3"] = "µg/m³",
        ["uV"] = "µV",
    };

    /// <summary>Null for a unit that Home Assistant does not know.</summary>
    public static HomeAssistantUnit? Find(string unit)
    {
        // Two code points look like a micro sign; Home Assistant writes U+03BC since 2025.
        string spelled = Spellings.GetValueOrDefault(unit, unit).Replace('\u00B5', '\u03BC');
        return Known.GetValueOrDefault(spelled);
    }

    private static Dictionary<string, HomeAssistantUnit> Build(
        params (string? DeviceClass, bool IsMeasurement, string Units)[] rows)
    {
        Dictionary<string, HomeAssistantUnit> known = [];
        foreach ((string? deviceClass, bool isMeasurement, string units) in rows)
        {
            foreach (string unit in units.Replace('\u00B5', '\u03BC').Split(' '))
            {
                known.Add(unit, new HomeAssistantUnit(unit, deviceClass, isMeasurement));
            }
        }

        return known;
    }
}

// Emulated devices: the kernel's drivers and the Pi itself.

namespace EdgeLstm.Worker.Tests.Supported;

internal static class KernelRigs
{
    public static IReadOnlyList<Func<SensorRig>> All { get; } =
    [
        () => new KernelFilesRig("kernel/bme280.json", "bme280",
            "Bosch BST-BME280-DS002, 4.2.3: the outputs that its code comments on",
            [
                new RigFile("in_temp_input", "51230", "151230"), new RigFile("in_pressure_input", "96.386199218", "0.0"),
                new RigFile("in_humidityrelative_input", "46333", "100500"),
            ],
            [("temperature", 51.23, 1e-5), ("pressure", 963.86199, 1e-4), ("humidity", 46.333, 1e-5)]),
        () => new Mpu6050Rig(),
        () => new KernelFilesRig("kernel/bh1750.json", "bh1750",
            "ROHM BH1750FVI technical note, rev. B, page 10: 1000_0011 1001_0000 is 28067 lx; scale of bh1750.c",
            [new RigFile("in_illuminance_raw", "33680", "65535"), new RigFile("in_illuminance_scale", "0.833333")],
            [("illuminance", 28067, 0.5)]),
        () => new KernelFilesRig("kernel/ads1115.json", "ads1015",
            "ti-ads1015.c: 2048 mV/2¹⁵ a count, its range at the start; of 7FFFh, 4000h, 0001h, 0000h",
            [
                new RigFile("in_voltage0_raw", "32767", "-32768"), new RigFile("in_voltage0_scale", "0.062500000"),
                new RigFile("in_voltage1_raw", "16384", "-32768"), new RigFile("in_voltage1_scale", "0.062500000"),
                new RigFile("in_voltage2_raw", "1", "-32768"), new RigFile("in_voltage2_scale", "0.062500000"),
                new RigFile("in_voltage3_raw", "0", "-32768"), new RigFile("in_voltage3_scale", "0.062500000"),
                new RigFile("in_voltage0-voltage1_raw", "0"), new RigFile("in_voltage0-voltage1_scale", "0.062500000"),
                new RigFile("buffer/enable", "0"), new RigFile("scan_elements/in_voltage0_en", "0"),
                new RigFile("trigger/current_trigger", ""),
            ],
            [("ain0", 2.0479375, 1e-6), ("ain1", 1.024, 1e-6), ("ain2", 0.0000625, 1e-9), ("ain3", 0, 1e-9)]),
        () => new KernelFilesRig("kernel/sht3x.json", "sht3x",
            "as sht3x.c computes it of 6666h, 8000h (SHT3x-DIS data sheet, 4.13)",
            [new RigFile("temp1_input", "24998", "130000"), new RigFile("humidity1_input", "50000", "104000")],
            [("temperature", 25, 0.003), ("humidity", 50, 0.003)]),
        () => new KernelFilesRig("kernel/ina226.json", "ina226",
            "TI SBOS547, table 1: 2570h, 2710h, 12B8h; as ina2xx.c computes it",
            [
                new RigFile("in0_input", "20"), new RigFile("in1_input", "11980", "40960"),
                new RigFile("curr1_input", "10000", "320000"), new RigFile("power1_input", "119800000", "9000000000"),
                new RigFile("shunt_resistor", "2000"),
            ],
            [("voltage", 11.98, 1e-5), ("current", 10, 1e-5), ("power", 119.8, 1e-4)]),
        () => new KernelFilesRig("kernel/lm75.json", "lm75",
            "formula of the NXP LM75A data sheet, rev. 04, 7.4.3: 738h, 0.125 °C a count",
            [new RigFile("temp1_input", "-25000", "127500"), new RigFile("temp1_max", "80000")],
            [("temperature", -25, 1e-6)]),
        () => new KernelFilesRig("kernel/ds18b20.json", "w1_slave_temp",
            "Maxim DS18B20 data sheet, table 1: 0191h is +25.0625 °C; cut by w1_therm.c",
            [new RigFile("temp1_input", "25062", "127937")],
            [("temperature", 25.0625, 0.001)]),
        () => new KernelFilesRig("kernel/pi5-fan.json", "pwmfan", "the kernel's hwmon/sysfs-interface: 1/min; name of pwm-fan.c",
            [new RigFile("fan1_input", "2750", "65535000"), new RigFile("pwm1", "75")],
            [("speed", 2750, 1e-6)]),
        () => new RaspberryPiRig(),
    ];
}

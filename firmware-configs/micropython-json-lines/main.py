# Sends {"sht31": {"temperature": 21.37, "humidity": 40.1}, "battery_mv": 3920} once a second: what weather-json-lines.json reads.
#
# Wiring: SHT31 on I2C 0 (SDA GP4, SCL GP5) of a Raspberry Pi Pico, half the battery voltage on GP26. Copy to the board as main.py.

import json
import time

from machine import ADC, I2C, Pin

SAMPLE_PERIOD_MS = 1000
SHT31_ADDRESS = 0x44
MEASURE_HIGH_REPEATABILITY = b"\x24\x00"
MEASURE_MS = 16


def crc8(data):
    """The SHT31's checksum: polynomial 0x31, start 0xFF."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = ((crc << 1) ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


def convert(reply):
    """Degrees Celsius and percent from the six bytes of a measurement; None for each whose checksum is wrong."""
    temperature, humidity = reply[0:2], reply[3:5]
    celsius = -45 + 175 * (temperature[0] << 8 | temperature[1]) / 65535 if crc8(temperature) == reply[2] else None
    percent = 100 * (humidity[0] << 8 | humidity[1]) / 65535 if crc8(humidity) == reply[5] else None
    return celsius, percent


def measure(i2c):
    """One measurement; (None, None) when the sensor does not answer."""
    try:
        i2c.writeto(SHT31_ADDRESS, MEASURE_HIGH_REPEATABILITY)
        time.sleep(MEASURE_MS / 1000)
        return convert(i2c.readfrom(SHT31_ADDRESS, 6))
    except OSError:
        return None, None


def record_line(celsius, percent, battery_mv):
    """One line of JSON. A missing reading is null: NaN would not be JSON."""
    sht31 = {
        "temperature": None if celsius is None else round(celsius, 2),
        "humidity": None if percent is None else round(percent, 1),
    }
    return json.dumps({"sht31": sht31, "battery_mv": battery_mv})


def main():
    i2c = I2C(0, sda=Pin(4), scl=Pin(5), freq=100000)
    battery = ADC(26)
    print()  # ends whatever half line the reader has seen, so that no first record is lost
    due = time.ticks_ms()
    while True:
        celsius, percent = measure(i2c)
        print(record_line(celsius, percent, 2 * 3300 * battery.read_u16() // 65535))
        due = time.ticks_add(due, SAMPLE_PERIOD_MS)
        time.sleep_ms(max(0, time.ticks_diff(due, time.ticks_ms())))


if __name__ == "__main__":
    main()

// An I2C bus with an accelerometer whose axes read 0, -1 and 40 times the number of the reading, and which fails every tenth time.
#pragma once

#include <stdint.h>

struct WireStub {
  int readings = -1;
  int at = 0;
  void begin() {}
  void setClock(long) {}
  void beginTransmission(uint8_t) {}
  void write(uint8_t) {}
  uint8_t endTransmission(bool = true) { return 0; }
  uint8_t requestFrom(uint8_t, uint8_t count) { at = 0; return ++readings % 10 == 9 ? 0 : count; }
  int read() {
    int16_t axes[3] = {0, (int16_t)-readings, (int16_t)(40 * readings)};
    int byte = ((uint16_t)axes[at / 2] >> (8 * (at % 2))) & 0xFF;
    at++;
    return byte;
  }
};
inline WireStub Wire;

// Enough of the Arduino core to run a sketch on this machine: what it sends goes to standard output, time passes at each look.
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define long int  // 32 bits, as on the boards: a clock that wraps around shows

const int A0 = 14, INPUT = 0, OUTPUT = 1, INPUT_PULLUP = 2, HIGH = 1, LOW = 0, FALLING = 2;

inline uint64_t stubUs = 4294000000ULL;  // soon after the start micros() wraps around, as it does every 71 minutes
inline int stubAnalog = 100;

inline unsigned long micros() { return (uint32_t)(stubUs += 250); }
inline unsigned long millis() { return (uint32_t)((stubUs += 100000) / 1000); }
inline int analogRead(int) { return stubAnalog = 100 + (stubAnalog + 81) % 200; }
inline int digitalRead(int) { return LOW; }
inline void pinMode(int, int) {}
inline int digitalPinToInterrupt(int pin) { return pin; }
inline void attachInterrupt(int, void (*handler)(), int) { handler(); stubUs += 20000; handler(); }
inline void noInterrupts() {}
inline void interrupts() {}

struct SerialStub {
  void begin(long) {}
  void print(const char *text) { fputs(text, stdout); }
  void print(unsigned long value) { printf("%u", value); }
  void print(double value, int digits) { if (isnan(value)) fputs("nan", stdout); else printf("%.*f", digits, value); }
  void println() { fputs("\r\n", stdout); }
  void println(unsigned long value) { print(value); println(); }
  void println(double value, int digits) { print(value, digits); println(); }
  void write(uint8_t value) { fputc(value, stdout); }
  void write(const uint8_t *bytes, size_t count) { fwrite(bytes, 1, count, stdout); }
};
inline SerialStub Serial;

// Sends 400 binary records a second, sequence (uint16), x, y, z (int16, 3.9 mg each): what accelerometer-cobs.json reads.
//
// Wiring: ADXL345 on I2C (SDA, SCL), SDO to ground. At ±16 g, full resolution: one count is 3.9 mg = 0.03824594 m/s².

#include <Wire.h>
#include "record.h"

const unsigned long SAMPLE_PERIOD_US = 2500UL;
const uint8_t ADXL345 = 0x53;
const uint8_t BW_RATE = 0x2C, POWER_CTL = 0x2D, DATA_FORMAT = 0x31, DATAX0 = 0x32;

unsigned long dueUs;
uint16_t sequence;

void setup() {
  Serial.begin(250000);
  Wire.begin();
  Wire.setClock(400000);
  writeRegister(BW_RATE, 0x0C);      // 400 samples a second
  writeRegister(DATA_FORMAT, 0x0B);  // full resolution, ±16 g
  writeRegister(POWER_CTL, 0x08);    // measure
  Serial.write((uint8_t)0);          // ends whatever half record the reader has seen, so that no first record is lost
  dueUs = micros();
}

void loop() {
  if ((long)(micros() - dueUs) < 0) return;
  dueUs += SAMPLE_PERIOD_US;
  int16_t axes[3];
  if (readAxes(axes)) sendRecord(axes);
  sequence++;  // also for a failed reading: the gap shows in the numbers
}

void sendRecord(const int16_t axes[3]) {
  uint8_t record[8];
  uint8_t *end = put_uint16(record, sequence);
  for (uint8_t i = 0; i < 3; i++) end = put_uint16(end, (uint16_t)axes[i]);
  uint8_t encoded[RECORD_ENCODED_BYTES(sizeof record)];
  Serial.write(encoded, encode_record(record, sizeof record, encoded));
}

bool readAxes(int16_t axes[3]) {
  Wire.beginTransmission(ADXL345);
  Wire.write(DATAX0);
  if (Wire.endTransmission(false) != 0 || Wire.requestFrom(ADXL345, (uint8_t)6) != 6) return false;
  for (uint8_t i = 0; i < 3; i++) {
    uint8_t low = Wire.read();
    axes[i] = (int16_t)(low | (uint16_t)Wire.read() << 8);
  }
  return true;
}

void writeRegister(uint8_t address, uint8_t value) {
  Wire.beginTransmission(ADXL345);
  Wire.write(address);
  Wire.write(value);
  Wire.endTransmission();
}

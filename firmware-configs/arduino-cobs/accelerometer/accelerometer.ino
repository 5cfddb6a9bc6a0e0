// Sends 1000 binary records a second, sequence (uint16), x, y, z (int16, 3.9 mg each): what accelerometer-cobs.json reads.
//
// Wiring: ADXL345 on SPI (SCL to SCK, SDA to MOSI, SDO to MISO, CS to pin 10). At ±16 g, full resolution, one count is 3.9 mg =
// 0.03824594 m/s². On I2C the sensor gives 800 samples a second at most; 1600 need SPI at 2 MHz or more, and their lowest bit is
// always 0, so that the real step is 7.8 mg. The sensor filters at 800 Hz: vibration above 500 Hz folds back below it.
//
// A record is 12 bytes with checksum and COBS: 120 bits on the line, 48 % of 250000 baud.

#include <SPI.h>
#include "record.h"

const unsigned long SAMPLE_PERIOD_US = 1000UL;
const int CS_PIN = 10;
const uint8_t BW_RATE = 0x2C, POWER_CTL = 0x2D, DATA_FORMAT = 0x31, DATAX0 = 0x32;
const uint8_t SAMPLES_1600_HZ = 0x0E, MEASURE = 0x08, FULL_RESOLUTION_16_G = 0x0B;
const uint8_t READ_SEVERAL = 0xC0;
const SPISettings ADXL345(4000000, MSBFIRST, SPI_MODE3);

unsigned long dueUs;
uint16_t sequence;

void setup() {
  Serial.begin(250000);
  pinMode(CS_PIN, OUTPUT);
  digitalWrite(CS_PIN, HIGH);
  SPI.begin();
  startSensor();
  Serial.write((uint8_t)0);  // ends whatever half record the reader has seen, so that no first record is lost
  dueUs = micros();
}

void loop() {
  if ((long)(micros() - dueUs) < 0) return;
  dueUs += SAMPLE_PERIOD_US;
  int16_t axes[3];
  if (readAxes(axes)) sendRecord(axes);
  else startSensor();
  sequence++;  // also for a failed reading: the gap shows in the numbers
}

void sendRecord(const int16_t axes[3]) {
  uint8_t record[8];
  uint8_t *end = put_uint16(record, sequence);
  for (uint8_t i = 0; i < 3; i++) end = put_uint16(end, (uint16_t)axes[i]);
  uint8_t encoded[RECORD_ENCODED_BYTES(sizeof record)];
  Serial.write(encoded, encode_record(record, sizeof record, encoded));
}

// SPI has no acknowledgement. The registers from POWER_CTL to the axes are read in one go, and the axes count only where the
// first ones say that the sensor measures as it was told to: with a wire off, or after its power failed, it does not.
bool readAxes(int16_t axes[3]) {
  uint8_t registers[DATAX0 + 6 - POWER_CTL];
  SPI.beginTransaction(ADXL345);
  digitalWrite(CS_PIN, LOW);
  SPI.transfer(READ_SEVERAL | POWER_CTL);
  for (uint8_t i = 0; i < sizeof registers; i++) registers[i] = SPI.transfer(0);
  digitalWrite(CS_PIN, HIGH);
  SPI.endTransaction();
  const uint8_t *data = registers + (DATAX0 - POWER_CTL);
  for (uint8_t i = 0; i < 3; i++) axes[i] = (int16_t)(data[2 * i] | (uint16_t)data[2 * i + 1] << 8);
  return registers[0] == MEASURE && registers[DATA_FORMAT - POWER_CTL] == FULL_RESOLUTION_16_G;
}

void startSensor() {
  writeRegister(BW_RATE, SAMPLES_1600_HZ);
  writeRegister(DATA_FORMAT, FULL_RESOLUTION_16_G);
  writeRegister(POWER_CTL, MEASURE);
}

void writeRegister(uint8_t address, uint8_t value) {
  SPI.beginTransaction(ADXL345);
  digitalWrite(CS_PIN, LOW);
  SPI.transfer(address);
  SPI.transfer(value);
  digitalWrite(CS_PIN, HIGH);
  SPI.endTransaction();
}

// Binary records on a serial line: COBS(record, CRC low byte, CRC high byte), 0x00. Plain C, for any microcontroller.
//
// The CRC is CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF); "123456789" gives 0x29B1. COBS takes every 0x00 out of the
// bytes, so that 0x00 always and only ends a record, and a reader may join at any time.

#pragma once

#include <stdint.h>

// Bytes a record may have: with its checksum it stays one COBS block.
#define RECORD_MAX_BYTES 252

// Bytes that encode_record writes for a record of count bytes.
#define RECORD_ENCODED_BYTES(count) ((count) + 4)

static uint16_t record_crc16(const uint8_t *bytes, uint8_t count) {
  uint16_t crc = 0xFFFF;
  for (uint8_t i = 0; i < count; i++) {
    crc ^= (uint16_t)((uint16_t)bytes[i] << 8);
    for (uint8_t bit = 0; bit < 8; bit++) {
      crc = (uint16_t)((crc & 0x8000) ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

// Writes the encoded record with its final 0x00 to out and returns how many bytes that are.
static uint16_t encode_record(const uint8_t *record, uint8_t count, uint8_t *out) {
  uint16_t crc = record_crc16(record, count);
  uint16_t code = 0;  // where the length of the block being written goes
  uint16_t next = 1;
  for (uint16_t i = 0; i < (uint16_t)count + 2; i++) {
    uint8_t byte = i < count ? record[i] : i == count ? (uint8_t)crc : (uint8_t)(crc >> 8);
    if (byte == 0) {
      out[code] = (uint8_t)(next - code);
      code = next++;
    } else {
      out[next++] = byte;
    }
  }
  out[code] = (uint8_t)(next - code);
  out[next++] = 0;
  return next;
}

// Appends a 16-bit number, low byte first; returns where the next one goes.
static uint8_t *put_uint16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
  return at + 2;
}

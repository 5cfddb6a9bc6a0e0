// Sends one line "23.45" (°C) every five minutes: what machine-temperature-csv.json reads.
//
// Wiring: 10 kΩ NTC thermistor (B = 3950 K) from A0 to ground, 10 kΩ from A0 to the supply. Any Arduino with an analog input.

const unsigned long SAMPLE_PERIOD_MS = 300000UL;
const float SERIES_OHM = 10000.0;
const float NTC_OHM_AT_25C = 10000.0;
const float NTC_BETA_K = 3950.0;

unsigned long dueMs;

void setup() {
  Serial.begin(115200);
  Serial.println();  // ends whatever half line the reader has seen, so that no first record is lost
  dueMs = millis();
}

void loop() {
  if ((long)(millis() - dueMs) < 0) return;
  dueMs += SAMPLE_PERIOD_MS;  // not millis() + period: the period stays exact
  Serial.println(readCelsius(), 2);
}

// NAN, which prints as "nan", when the wire is broken or shorted: the reader takes it for a missing reading.
float readCelsius() {
  int raw = analogRead(A0);
  if (raw < 5 || raw > 1018) return NAN;
  float ohm = SERIES_OHM * raw / (1023.0 - raw);
  return 1.0 / (log(ohm / NTC_OHM_AT_25C) / NTC_BETA_K + 1.0 / 298.15) - 273.15;
}

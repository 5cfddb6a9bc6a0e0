// Sends one line "-0.123" (mV at the electrodes) 250 times a second: what ecg-csv.json reads.
//
// Wiring: AD8232 front end, OUTPUT to A0, LO+ to pin 10, LO- to pin 11. Not a medical device: for experiments on battery power.

const unsigned long SAMPLE_PERIOD_US = 4000UL;
const float VOLT_PER_COUNT = 5.0 / 1023.0;
const float AD8232_GAIN = 1100.0;
const int LEAD_OFF_PLUS_PIN = 10;
const int LEAD_OFF_MINUS_PIN = 11;

unsigned long dueUs;

void setup() {
  pinMode(LEAD_OFF_PLUS_PIN, INPUT);
  pinMode(LEAD_OFF_MINUS_PIN, INPUT);
  Serial.begin(115200);
  Serial.println();  // ends whatever half line the reader has seen, so that no first record is lost
  dueUs = micros();
}

void loop() {
  if ((long)(micros() - dueUs) < 0) return;
  dueUs += SAMPLE_PERIOD_US;
  Serial.println(readMillivolt(), 3);
}

// NAN, which prints as "nan", while an electrode is off: the reader takes it for a missing reading.
float readMillivolt() {
  if (digitalRead(LEAD_OFF_PLUS_PIN) == HIGH || digitalRead(LEAD_OFF_MINUS_PIN) == HIGH) return NAN;
  return (analogRead(A0) - 512) * VOLT_PER_COUNT / AD8232_GAIN * 1000.0;
}

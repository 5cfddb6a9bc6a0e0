// Sends "Motor Temp:41.50<tab>rpm:1480" ten times a second: what fan-plotter.json reads and the Arduino serial plotter draws.
//
// Wiring: LM35 temperature sensor to A0, the fan's tachometer (two pulses a turn, open collector) to pin 2.

const unsigned long SAMPLE_PERIOD_MS = 100UL;
const int TACHOMETER_PIN = 2;
const int PULSES_PER_TURN = 2;

volatile unsigned long lastPulseUs;
volatile unsigned long pulsePeriodUs;
unsigned long dueMs;

void onPulse() {
  unsigned long nowUs = micros();
  pulsePeriodUs = nowUs - lastPulseUs;
  lastPulseUs = nowUs;
}

void setup() {
  pinMode(TACHOMETER_PIN, INPUT_PULLUP);
  attachInterrupt(digitalPinToInterrupt(TACHOMETER_PIN), onPulse, FALLING);
  Serial.begin(115200);
  Serial.println();  // ends whatever half line the reader has seen, so that no first record is lost
  dueMs = millis();
}

void loop() {
  if ((long)(millis() - dueMs) < 0) return;
  dueMs += SAMPLE_PERIOD_MS;
  Serial.print("Motor Temp:");
  Serial.print(analogRead(A0) * 500.0 / 1023.0, 2);
  Serial.print("\trpm:");
  Serial.println(readRpm());
}

// 0 when the last pulse is more than half a second old: the fan stands.
unsigned long readRpm() {
  noInterrupts();
  unsigned long periodUs = pulsePeriodUs;
  unsigned long ageUs = micros() - lastPulseUs;
  interrupts();
  return periodUs == 0 || ageUs > 500000UL ? 0 : 60000000UL / (periodUs * PULSES_PER_TURN);
}

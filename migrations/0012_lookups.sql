-- What every look at the world reads, however long the history is.
CREATE INDEX command_release ON command (mission_id) WHERE kind = 'release';
CREATE INDEX pad_slot_until ON pad_slot (upper(slot));

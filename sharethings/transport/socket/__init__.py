"""The control plane: Socket.IO."""

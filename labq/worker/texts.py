"""What the worker says about messages it cannot use. Celery's words, because people search for them.

Celery: the constants of ``celery/worker/consumer/consumer.py``.
"""

UNKNOWN_TASK = """\
Received unregistered task of type %s.
The message has been ignored and discarded.

Did you remember to import the module containing this task?
Or maybe you're using relative imports?

Please see
https://docs.celeryq.dev/en/latest/internals/protocol.html
for more information.

The full contents of the message body was:
%s

The full contents of the message headers:
%s

The delivery info for this task is:
%s
"""

UNKNOWN_MESSAGE = """\
Received and deleted unknown message.  Wrong destination?!?

The full contents of the message body was: body: %(body)s
{content_type:%(content_type)r content_encoding:%(content_encoding)r
  delivery_info:%(delivery_info)s headers=%(headers)s}
"""

INVALID_TASK = """\
Received invalid task message: %(exc)s
The message has been ignored and discarded.

Please ensure your message conforms to the task
message protocol as described here:
https://docs.celeryq.dev/en/latest/internals/protocol.html

The full contents of the message body was:
%(body)s
"""

MESSAGE_DECODE_ERROR = """\
Can't decode message body: %(exc)r [type:%(content_type)r encoding:%(content_encoding)r headers:%(headers)s]

body: %(body)s
"""
